// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints

/// How far reading all files has come.
struct ReadingListing: Encodable {
  let complete: Bool
  /// When the run that was gone on with began.
  let resumed: String?
  let earlierBytes: Int64
  let readBytes: Int64
  let totalBytes: Int64

  init(_ reading: CheckReport.Reading) {
    complete = reading.isComplete
    resumed = reading.resumed.map { CivilTime($0).rfc3339 }
    (earlierBytes, readBytes) = (reading.earlierBytes, reading.readBytes)
    totalBytes = reading.totalBytes
  }

  var lines: [String] {
    let total = Quantities.bytes(totalBytes)
    let before = resumed.map {
      "went on with the reading that began at \($0): \(Quantities.bytes(earlierBytes)) of \(total) had been read "
        + "('--restart' reads all again)"
    }
    let reached = min(earlierBytes + readBytes, totalBytes)
    let percent = totalBytes > 0 ? Int64(Double(reached) / Double(totalBytes) * 100) : 100
    let end =
      complete
      ? nil
      : "interrupted: \(Quantities.bytes(reached)) of \(total) are read (\(percent) %); "
        + "'ckptfs fsck --read-data' goes on there"
    return [before, end].compactMap(\.self)
  }
}
