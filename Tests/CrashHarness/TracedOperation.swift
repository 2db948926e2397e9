// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// An operation whose system calls are watched by strace.
package struct TracedOperation: Sendable {
  private let scene: Scene
  private let faults: String
  private let disk: LoopFileSystem?

  /// - Parameter disk: where it happens; in memory for `nil`.
  package init(_ scene: Scene, faults: String = "", on disk: LoopFileSystem? = nil) {
    self.scene = scene
    self.faults = faults
    self.disk = disk
  }

  private static let tracer = "/usr/bin/strace"

  /// Whether strace is there, and may trace.
  package static let isPossible: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tracer)
    process.arguments = ["-f", "-o", "/dev/null", "/bin/true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// - Returns: how many calls were looked at.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run() throws -> Int {
    try describing("\(scene.name), traced") {
      let site = try disk.map { Site(on: $0) } ?? Site()
      try describing("preparation") { try scene.prepare(site) }
      let log = site.reports.appending("calls")
      let actor = try ActorProcess(
        "main", in: site, [scene.operation], steps: faults,
        tracer: [
          // -a 1: results follow at once, also where a call was interrupted and its line is short.
          Self.tracer, "-f", "-y", "-a", "1", "-o", log.string, "-e",
          "trace=openat,open,write,pwrite64,pwritev,ioctl,fsync,fdatasync,sync_file_range,rename,renameat,"
            + "renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,ftruncate,exit_group",
        ])
      let outcome = try actor.wait()
      if let failure = outcome.failure {
        throw Violation("P2", "it failed as \(failure): \(outcome.message)")
      }
      let text = try String(contentsOfFile: log.string, encoding: .utf8)
      let calls = SystemCallLog(text).calls
      var rules = DurabilityRules(site: site.root.string)
      for call in calls { try rules.follow(call) }
      guard rules.hasAcknowledged else { throw Violation("P2", "nothing was acknowledged") }
      return calls.count
    }
  }
}
