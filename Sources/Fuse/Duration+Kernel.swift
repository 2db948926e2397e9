// SPDX-License-Identifier: Apache-2.0

extension Duration {
  /// Seconds as libfuse takes them, cut to 0 … 2^32 (136 years): beyond that a kernel that counts
  /// in jiffies has no more to say, and a conversion might overflow on the way there.
  var kernelSeconds: Double {
    let (seconds, attoseconds) = components
    return min(max(Double(seconds) + Double(attoseconds) * 1e-18, 0), 4_294_967_296)
  }
}
