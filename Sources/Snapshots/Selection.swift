// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB

/// Which files of a RocksDB directory become entries of a checkpoint, and how.
struct Selection: Sendable {
  private(set) var files: [SeenFile]
  let skipped: [EntryPath]

  /// What is left out of any snapshot: RocksDB's diagnostics, its lock, and what a crash left over.
  ///
  /// A LOCK is left out at any depth: closing it after reading would release the lock that a database
  /// open in this process has on it.
  static func isNeverKept(_ item: DirectoryTree.Item) -> Bool {
    isNeverKept(item, item.databaseFile)
  }

  private static func isNeverKept(_ item: DirectoryTree.Item, _ entry: DirectoryEntry?) -> Bool {
    switch entry {
    case .infoLog, .lock, .temporary: true
    case .table: false
    default: isLock(item)
    }
  }

  static func isLock(_ item: DirectoryTree.Item) -> Bool {
    item.status.kind == .regular && item.path.name.elementsEqual(DirectoryLock.fileName.utf8)
  }

  /// Everything else: what a checkpoint's directory holds is the checkpoint.
  init(checkpoint tree: DirectoryTree) {
    self.init(tree) { _, _ in true }
  }

  /// Only what `description` says that the database needs, and what is not RocksDB's.
  ///
  /// Logs from the least number on belong to it: a closed database's unflushed rows are in them.
  init(closedDatabase tree: DirectoryTree, _ description: DatabaseDescription) {
    let tables = Set(description.tables.map(\.number))
    let blobs = Set(description.blobs.map(\.number))
    let options = tree.items.compactMap { item -> FileNumber? in
      if case .options(let number) = item.databaseFile { number } else { nil }
    }.max()
    self.init(tree) { item, entry in
      switch entry {
      case nil: !Self.isArchivedLog(item)
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

  /// The same, of a directory that was made for this and is removed after it: what was copied there is not copied once more.
  func givingAwayCopies() -> Selection {
    var selection = self
    for index in files.indices where files[index].status.links == 1 {
      selection.files[index].isGivenAway = files[index].status.kind == .regular
    }
    return selection
  }

  private init(
    _ tree: DirectoryTree, where belongs: (DirectoryTree.Item, DirectoryEntry?) -> Bool
  ) {
    var files: [SeenFile] = []
    var skipped: [EntryPath] = []
    files.reserveCapacity(tree.items.count)
    for item in tree.items {
      let entry = item.databaseFile
      if item.status.kind == .directory {
        files.append(Self.file(item, .directory))
      } else if Self.isNeverKept(item, entry) || !belongs(item, entry) {
        skipped.append(item.path)
      } else {
        files.append(Self.file(item, Self.kind(of: entry)))
      }
    }
    self.files = files
    self.skipped = skipped
  }

  private static func file(_ item: DirectoryTree.Item, _ kind: SourceFile.Kind) -> SeenFile {
    SeenFile(SourceFile(path: item.path, in: item.root, kind: kind), item.status)
  }

  private static func kind(of entry: DirectoryEntry?) -> SourceFile.Kind {
    switch entry {
    case .table, .blob: .shared
    default: .own
    }
  }

  /// RocksDB keeps logs for replication there, after everything in them is in tables.
  private static func isArchivedLog(_ item: DirectoryTree.Item) -> Bool {
    guard item.status.kind == .regular, item.path.parent?.text == "archive",
      case .log = DirectoryEntry(bytes: item.path.name)
    else { return false }
    return true
  }
}
