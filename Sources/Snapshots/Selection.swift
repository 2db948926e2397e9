// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB

/// Which files of a RocksDB directory become entries of a checkpoint, and how.
struct Selection: Sendable {
  let files: [SeenFile]
  let skipped: [EntryPath]

  /// What is left out of any snapshot: RocksDB's diagnostics, its lock, and what a crash left over.
  ///
  /// A LOCK is left out at any depth: closing it after reading would release the lock that a database
  /// open in this process has on it.
  static func isNeverKept(_ item: DirectoryTree.Item) -> Bool {
    if isLock(item) { return true }
    guard let name = item.topLevelName else { return false }
    switch DirectoryEntry(name) {
    case .infoLog, .lock, .temporary: return true
    default: return false
    }
  }

  static func isLock(_ item: DirectoryTree.Item) -> Bool {
    item.status.kind == .regular && item.path.name.elementsEqual(DirectoryLock.fileName.utf8)
  }

  /// Everything else: what a checkpoint's directory holds is the checkpoint.
  init(checkpoint tree: DirectoryTree) {
    self.init(tree) { _ in true }
  }

  /// Only what `description` says that the database needs, and what is not RocksDB's.
  ///
  /// Logs from the least number on belong to it: a closed database's unflushed rows are in them.
  init(closedDatabase tree: DirectoryTree, _ description: DatabaseDescription) {
    let tables = Set(description.tables.map(\.number))
    let blobs = Set(description.blobs.map(\.number))
    let options = tree.items.compactMap { item -> FileNumber? in
      guard let name = item.topLevelName, case .options(let number) = DirectoryEntry(name) else {
        return nil
      }
      return number
    }.max()
    self.init(tree) { item in
      if Self.isArchivedLog(item) { return false }
      guard let name = item.topLevelName else { return true }
      return switch DirectoryEntry(name) {
      case .table(let number): tables.contains(number)
      case .blob(let number): blobs.contains(number)
      case .log(let number): number >= description.minimumLogNumber
      case .manifest(let number): number == description.manifest
      case .options(let number): number == options
      case .current, .identity, .foreign: true
      case .infoLog, .lock, .temporary: false
      }
    }
  }

  private init(_ tree: DirectoryTree, where belongs: (DirectoryTree.Item) -> Bool) {
    var files: [SeenFile] = []
    var skipped: [EntryPath] = []
    for item in tree.items {
      if item.status.kind == .directory {
        files.append(Self.file(item, .directory))
      } else if Self.isNeverKept(item) || !belongs(item) {
        skipped.append(item.path)
      } else {
        files.append(Self.file(item, Self.kind(of: item)))
      }
    }
    self.files = files
    self.skipped = skipped
  }

  private static func file(_ item: DirectoryTree.Item, _ kind: SourceFile.Kind) -> SeenFile {
    SeenFile(SourceFile(path: item.path, location: item.location, kind: kind), item.status)
  }

  private static func kind(of item: DirectoryTree.Item) -> SourceFile.Kind {
    guard let name = item.topLevelName else { return .own }
    switch DirectoryEntry(name) {
    case .table, .blob: return .shared
    default: return .own
    }
  }

  /// RocksDB keeps logs for replication there, after everything in them is in tables.
  private static func isArchivedLog(_ item: DirectoryTree.Item) -> Bool {
    guard item.status.kind == .regular, item.path.parent?.text == "archive",
      let name = String(validating: item.path.name, as: UTF8.self),
      case .log = DirectoryEntry(name)
    else { return false }
    return true
  }
}
