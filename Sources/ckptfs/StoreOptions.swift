// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import FoundationEssentials
import SystemPackage

/// What every command that works on a store takes.
struct StoreOptions: ParsableArguments {
  @Option(
    name: .customLong("store"),
    help: ArgumentHelp("The store's directory (default: $CKPTFS_STORE).", valueName: "dir"),
    completion: .directory, transform: { try FilePath(argument: $0) })
  private var directory: FilePath?

  @OptionGroup var format: FormatOptions

  /// - Throws: a usage failure when neither the option nor the variable names one.
  func path() throws -> FilePath {
    if let directory { return directory }
    if let variable = ProcessInfo.processInfo.environment["CKPTFS_STORE"], !variable.isEmpty {
      return FilePath(variable)
    }
    throw Failure(
      .usage, "usage", "which store? name its directory by --store DIR or in $CKPTFS_STORE")
  }

  /// - Parameter freeing: the command makes space, and must work on a full disk.
  func open(freeing: Bool = false) throws -> Store { try Store(at: path(), freeing: freeing) }
}

/// How a command tells what came of it.
struct FormatOptions: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Answer in JSON, for scripts; errors too.")
  var isJSON = false

  /// - Throws: ``ClosedOutput``, or a failure that tells what was done all the same.
  func print(_ report: some Report) throws {
    do {
      try write(report)
    } catch let failure as Failure {
      guard let deed = report.deed else { throw failure }
      throw Failure(failure.status, failure.code, "\(deed), but \(failure.message)")
    }
  }

  private func write(_ report: some Report) throws {
    var output = StandardOutput()
    if isJSON {
      try output.write(verbatim: JSONText.of(report))
    } else {
      for line in report.lines { try output.write(line: line) }
    }
    try output.flush()
  }
}
