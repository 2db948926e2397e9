// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// Judges by CURRENT and MANIFEST whether a directory holds all that a database needs.
struct Judgement {
  let tree: DirectoryTree
  let kind: Kind

  enum Kind {
    /// Made as a whole by RocksDB, so its MANIFEST never ends within a record.
    case checkpoint
    /// Its process may have died while it wrote the MANIFEST, and RocksDB opens it all the same.
    case closedDatabase
  }

  /// Tells a directory that is no RocksDB's before its files are looked at one by one.
  static func check(isDatabase directory: FilePath, _ kind: Kind) throws {
    if try !FileSystemCalls.exists(directory.appending("CURRENT")) {
      throw noDatabase(directory, kind, cause: nil)
    }
  }

  private static func noDatabase(
    _ path: FilePath, _ kind: Kind, cause: (any Error)?
  ) -> SnapshotError {
    let remedy =
      switch kind {
      case .checkpoint: "keep it all the same with --unchecked"
      case .closedDatabase: "name the directory of a database"
      }
    return SnapshotError(
      .invalid, "'\(path)' is no RocksDB directory: it has no CURRENT; \(remedy)", cause: cause)
  }

  /// - Throws: code `incomplete`, `damaged`, `unsupported`, or `invalid` for no RocksDB directory.
  func judge() throws -> DatabaseDescription {
    let description: DatabaseDescription
    do throws(RocksDirectoryError) {
      description = try DatabaseDirectory.describe(tree.root)
    } catch {
      throw refusal(error)
    }
    if description.tailIsTruncated && kind == .checkpoint {
      throw SnapshotError(
        .damaged,
        "'\(tree.root.appending(description.manifestName))' ends within a record, after "
          + "\(description.manifestValidLength) sound bytes of \(description.manifestSize): it was not "
          + "copied whole; \(remedy)")
    }
    try checkFiles(description)
    return description
  }

  private func checkFiles(_ description: DatabaseDescription) throws {
    var sizes: [String: UInt64] = [:]
    for item in tree.items {
      guard let name = item.topLevelName, let text = String(validating: name, as: UTF8.self)
      else { continue }
      sizes[text] = item.status.size
    }
    let problems = description.missingFiles { sizes[$0] }
    guard !problems.isEmpty else { return }
    let named = problems.prefix(8).map(\.description).joined(separator: ", ")
    let rest = problems.count > 8 ? " and \(problems.count - 8) more" : ""
    throw SnapshotError(
      .incomplete,
      "'\(tree.root)' is incomplete: \(named)\(rest); \(remedy)")
  }

  private var remedy: String {
    switch kind {
    case .checkpoint: "take the checkpoint again, or keep it as it is with --unchecked"
    case .closedDatabase: "RocksDB cannot open it so either; repair or restore the database first"
    }
  }

  private var remedyOfUnknown: String {
    switch kind {
    case .checkpoint: "keep the directory as it is with --unchecked"
    case .closedDatabase:
      "let its program make a checkpoint, and keep that with 'ckptfs commit --unchecked'"
    }
  }

  private func refusal(_ error: RocksDirectoryError) -> SnapshotError {
    switch error {
    case .notADatabase(let path): Self.noDatabase(path, kind, cause: error)
    case .corrupt(let file, let offset, let reason):
      SnapshotError(
        .damaged,
        "'\(file)' is damaged at byte \(offset): \(reason); \(remedy)", cause: error)
    case .unsupported(let file, let offset, let reason):
      SnapshotError(
        .unsupported,
        "'\(file)' cannot be judged, from byte \(offset) on: \(reason); \(remedyOfUnknown)",
        cause: error)
    case .io(let file, .noSuchFileOrDirectory):
      SnapshotError(
        .incomplete,
        "'\(tree.root)' is incomplete: \(file.lastComponent?.string ?? file.string), "
          + "which CURRENT names, is absent; \(remedy)", cause: error)
    case .io: SnapshotError(.io, error.description, cause: error)
    }
  }
}
