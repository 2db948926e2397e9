// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What this process, with all its threads, used for something.
struct Usage: Encodable {
  /// Seconds.
  var wall, cpu: Double
  /// Bytes that went through read(2), write(2) and their like.
  var read, written: Double

  static func measuring(_ body: () async throws -> Void) async throws -> Usage {
    let before = now()
    try await body()
    let after = now()
    return Usage(
      wall: after.wall - before.wall, cpu: after.cpu - before.cpu, read: after.read - before.read,
      written: after.written - before.written)
  }

  private static func now() -> Usage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
    var counters: [Substring: Double] = [:]
    let text = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":")
      counters[parts[0]] = Double(parts[1].dropFirst())
    }
    return Usage(
      wall: Double(DispatchTime.now().uptimeNanoseconds) / 1e9, cpu: cpu,
      read: counters["rchar"] ?? 0, written: counters["wchar"] ?? 0)
  }
}
