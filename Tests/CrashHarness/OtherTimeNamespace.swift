// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Foundation

/// Processes on one machine whose boot clocks differ, as those of containers may.
package struct OtherTimeNamespace: Sendable {
  private static let unshare = "/usr/bin/unshare"

  package init() {}

  /// Whether such a process can be made here.
  package static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: unshare)
    process.arguments = ["--time", "--boottime", "1", "--fork", "/bin/true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// A checkpoint that waits for shards an hour is given up by nobody a minute after it was begun.
  ///
  /// - Throws: ``Violation``.
  package func run() throws {
    for offset in ["864000", "-3000"] {
      try describing("a boot clock that is off by \(offset) s") {
        let site = try Site()
        let scene = Scene.named("first-shard")
        try scene.prepare(site)
        let elsewhere = try ActorProcess(
          "elsewhere", in: site, [.collect, Scene.firstShard],
          tracer: [Self.unshare, "--time", "--boottime", offset, "--fork"])
        if let failure = try elsewhere.wait().failure {
          throw Violation("P7", "its shard failed as \(failure)")
        }
        let here = try ActorProcess("here", in: site, [.collect, Scene.lastShard])
        if let failure = try here.wait().failure {
          throw Violation("P7", "the last shard failed as \(failure)")
        }
        let model = scene.before.applying(Scene.firstShard).applying(Scene.lastShard)
        try Inspection(of: site).run(allowing: [model])
      }
    }
  }
}
