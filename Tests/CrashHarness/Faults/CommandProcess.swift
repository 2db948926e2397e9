// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// One run of `ckptfs` on the store of a site, with the fault layer between it and the kernel.
struct CommandProcess {
  struct Outcome {
    let status: Int32
    let wasKilled: Bool
    let output: String
    /// What it said on its standard error.
    let errors: String
  }

  private let arguments: [String]
  private let store: FilePath
  /// For what it puts in `$TMPDIR`.
  private let temporary: FilePath
  /// Has what it prints, and what it tells on its standard error.
  private let reports: FilePath

  init(_ arguments: [String], in site: Site) {
    self.init(arguments, store: site.store, temporary: site.temporary, reports: site.reports)
  }

  /// - Parameter reports: a directory for what it prints and tells.
  init(_ arguments: [String], store: FilePath, temporary: FilePath, reports: FilePath) {
    self.arguments = arguments
    self.store = store
    self.temporary = temporary
    self.reports = reports
  }

  /// - Parameters:
  ///   - control: what is to fail; nothing for `nil`.
  ///   - steps: what `CKPTFS_STEPS` asks for.
  /// - Throws: ``Violation`` when it does not come to an end.
  func run(_ control: FaultControl? = nil, steps: String = "") throws -> Outcome {
    let process = Process()
    process.executableURL = Self.products.appendingPathComponent("ckptfs")
    process.arguments = arguments
    process.environment = environment(control, steps)
    process.standardInput = FileHandle.nullDevice
    let (printed, said) = (report("printed"), report("said"))
    for report in [printed, said] { try Data().write(to: report) }
    process.standardOutput = try FileHandle(forWritingTo: printed)
    process.standardError = try FileHandle(forWritingTo: said)
    let started = try StartedProcess(process)
    // Longer than anything waits for a lock.
    guard started.wait(for: .seconds(90)) else {
      started.send(SIGKILL)
      throw Violation("P6", "it does not come to an end")
    }
    return Outcome(
      status: started.status,
      wasKilled: started.wasKilled,
      output: try String(contentsOf: printed, encoding: .utf8),
      errors: try String(contentsOf: said, encoding: .utf8))
  }

  private func report(_ name: String) -> URL {
    URL(fileURLWithPath: reports.appending(name).string)
  }

  private func environment(_ control: FaultControl?, _ steps: String) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    environment["CKPTFS_STORE"] = store.string
    environment["CKPTFS_STEPS"] = steps
    environment["TMPDIR"] = temporary.string
    // A crash must end it, not wait for a backtrace.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    guard let control else { return environment }
    // A lock that fails for good is one that another process has, for SQLite: each of its calls is waited for.
    environment["CKPTFS_STEPS"] = [steps, "patience=1"].filter { !$0.isEmpty }.joined(
      separator: ",")
    return environment.merging(control.environment(below: store.removingLastComponent())) { $1 }
  }

  private static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
}
