// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Foundation
import LinuxFiles

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

  /// A checkpoint that waits for shards is given up by nobody before its deadline, whoever's clock is ahead.
  ///
  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("a boot clock that is ten days ahead") {
      try run(after: [Scene.begin], elsewhere: [.collect, Scene.firstShard], offset: 864_000)
    }
    // No boot clock can show less than nothing, and the machine may have been started a moment ago.
    let behind = try min(BootClock.now() / 1_000_000_000, 6000) / 2
    try describing("a boot clock that is \(behind) s behind") {
      let begin = Operation.begin(
        history: "a", number: 4, shards: ["x", "x-y"], seconds: behind / 2)
      try run(after: [], elsewhere: [begin, Scene.firstShard], offset: -behind)
    }
  }

  private func run(
    after preparation: [Operation], elsewhere operations: [Operation], offset: Int64
  ) throws {
    let site = try Site()
    let scene = Scene("time-namespace", Scene.lastShard, after: preparation)
    try scene.prepare(site)
    let elsewhere = try ActorProcess(
      "elsewhere", in: site, operations,
      tracer: [Self.unshare, "--time", "--boottime", "\(offset)", "--fork"])
    if let failure = try elsewhere.wait().failure {
      throw Violation("P7", "its shard failed as \(failure)")
    }
    let here = try ActorProcess("here", in: site, [.collect, scene.operation])
    if let failure = try here.wait().failure {
      throw Violation("P7", "the last shard failed as \(failure)")
    }
    let shards = [Scene.begin, Scene.firstShard, Scene.lastShard]
    try Inspection(of: site).run(allowing: [Model(after: Scene.histories + shards)])
  }
}
