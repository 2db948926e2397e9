// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// What a directory and all below it held at one moment: regular files and directories, nothing else.
struct DirectoryTree: Sendable {
  struct Item: Sendable {
    let path: EntryPath
    let location: FilePath
    let status: FileStatus

    /// The name of a regular file at the top; `nil` for all else and for names that are not UTF-8.
    var topLevelName: String? {
      status.kind == .regular && path.parent == nil ? path.text : nil
    }
  }

  let root: FilePath
  let status: FileStatus
  /// Sorted by path.
  let items: [Item]

  /// Lists `root`, an absolute path without links.
  ///
  /// - Throws: code `invalid` when something in it is neither file nor directory.
  init(at root: FilePath) throws {
    self.root = root
    status = try FileStatus(at: root)
    guard status.kind == .directory else {
      throw SnapshotError(.changed, "'\(root)' is no directory any more; try again")
    }
    var items: [Item] = []
    var directories: [(path: EntryPath?, location: FilePath)] = [(nil, root)]
    while let directory = directories.popLast() {
      for name in try DirectoryListing.names(in: directory.location) {
        let item = try Self.look(name, in: directory.path, directory.location, root)
        items.append(item)
        if item.status.kind == .directory { directories.append((item.path, item.location)) }
      }
    }
    self.items = items.sorted { $0.path < $1.path }
  }

  private static func look(
    _ name: [UInt8], in directory: EntryPath?, _ location: FilePath, _ root: FilePath
  ) throws -> Item {
    let path = try EntryPath(name: name, in: directory)
    // From bytes, since a name need not be UTF-8.
    let place = location.appending(bytes: name)
    let status = try FileStatus(at: place)
    let kind: String
    switch status.kind {
    case .regular, .directory: return Item(path: path, location: place, status: status)
    case .symbolicLink: kind = "a symbolic link"
    case .special: kind = "a socket, pipe or device"
    }
    throw SnapshotError(
      .invalid,
      "'\(root)/\(path)' is \(kind): a checkpoint has regular files and directories only; "
        + "remove it, or put a copy of the file in its place")
  }

  /// The first path at which this tree differs from an earlier look at it, among those that `matters` is true for.
  ///
  /// A directory's own times do not count, only what it holds.
  func firstDifference(
    since earlier: DirectoryTree, where matters: (Item) -> Bool
  ) -> EntryPath? {
    let (old, new) = (earlier.items.filter(matters), items.filter(matters))
    for (old, new) in zip(old, new) {
      if old.path != new.path { return min(old.path, new.path) }
      let isSame =
        old.status.kind == .directory
        ? new.status.kind == .directory && new.status.inode == old.status.inode
          && new.status.device == old.status.device
        : new.status.isUnchanged(since: old.status)
      if !isSame { return old.path }
    }
    if old.count == new.count { return nil }
    return old.count > new.count ? old[new.count].path : new[old.count].path
  }
}
