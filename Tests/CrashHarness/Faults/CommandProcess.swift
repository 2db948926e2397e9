// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// One run of `ckptfs` on the store of a site, with the fault layer between it and the kernel.
struct CommandProcess {
  struct Outcome {
    let status: Int32
    let wasKilled: Bool
    /// What it said on its standard error.
    let errors: String
  }

  private let arguments: [String]
  private let store: FilePath
  /// For what it puts in `$TMPDIR`.
  private let temporary: FilePath
  private let said: FilePath

  init(_ arguments: [String], in site: Site) {
    self.init(
      arguments, store: site.store, temporary: site.temporary, said: site.reports.appending("said"))
  }

  /// - Parameter said: a file for what it tells on its standard error.
  init(_ arguments: [String], store: FilePath, temporary: FilePath, said: FilePath) {
    self.arguments = arguments
    self.store = store
    self.temporary = temporary
    self.said = said
  }

  /// - Parameters:
  ///   - control: what is to fail; nothing for `nil`.
  ///   - steps: what `CKPTFS_STEPS` asks for.
  /// - Throws: ``Violation`` when it does not come to an end.
  func run(_ control: FaultControl? = nil, steps: String = "") throws -> Outcome {
    let process = Process()
    process.executableURL = Self.products.appendingPathComponent("ckptfs")
    process.arguments = arguments + ["--store", store.string]
    process.environment = environment(control, steps)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try Data().write(to: URL(fileURLWithPath: said.string))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: said.string))
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    // Longer than anything waits for a lock.
    guard ended.wait(timeout: .now() + 90) == .success else {
      kill(process.processIdentifier, SIGKILL)
      throw Violation("P6", "it does not come to an end")
    }
    return Outcome(
      status: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal,
      errors: try String(contentsOfFile: said.string, encoding: .utf8))
  }

  private func environment(_ control: FaultControl?, _ steps: String) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
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
