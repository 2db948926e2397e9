// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

/// What a directory and all below it held at one moment: regular files and directories, nothing else.
struct DirectoryTree: Sendable {
  struct Item: Sendable {
    let path: EntryPath
    let root: OpenDirectory
    let status: FileStatus

    var location: FilePath { place.path }
    var place: FileLocation { root.appending(path.bytes) }

    /// The name of a regular file at the top; `nil` for all else.
    var topLevelName: ArraySlice<UInt8>? {
      guard status.kind == .regular else { return nil }
      let name = path.name
      return name.count == path.bytes.count ? name : nil
    }

    /// What a regular file at the top is to RocksDB; `nil` for all else.
    var databaseFile: DirectoryEntry? { topLevelName.map(DirectoryEntry.init(bytes:)) }
  }

  /// Held open: what is listed, read and linked is what is in it, whatever takes its place, or that of a directory in it.
  let directory: OpenDirectory
  let status: FileStatus
  /// Sorted by path.
  let items: [Item]
  /// The names in each directory, in the order in which the file system gave them; the tree's own is `nil`.
  private let listings: [(directory: EntryPath?, names: [[UInt8]])]

  /// Where it was found.
  var root: FilePath { directory.path }

  /// Lists `root`, an absolute path without links.
  ///
  /// - Throws: code `invalid` when something in it is neither file nor directory, or its owner's to give.
  init(at root: FilePath) throws {
    try self.init(Self.directory(at: root))
  }

  private static func directory(at root: FilePath) throws -> OpenDirectory {
    do throws(FileError) {
      return try OpenDirectory(root)
    } catch {
      guard error.errno == .notDirectory else { throw error }
      throw SnapshotError(.changed, "'\(root)' is no directory any more; try again", cause: error)
    }
  }

  private init(_ root: OpenDirectory) throws {
    directory = root
    status = try root.status()
    var items: [Item] = []
    var listings: [(directory: EntryPath?, names: [[UInt8]])] = []
    var directories: [(path: EntryPath?, status: FileStatus)] = [(nil, status)]
    while let directory = directories.popLast() {
      let names = try Self.names(in: directory.path, of: root)
      listings.append((directory.path, names))
      // As bytes, since a name need not be UTF-8.
      let paths = try names.map { try EntryPath(name: $0, in: directory.path) }
      let statuses = try FileStatus.ifPresent(at: paths.map(\.bytes), below: root)
      for (path, status) in zip(paths, statuses) {
        let item = try Self.item(at: path, status, root)
        try BorrowedFile.check(item, in: directory.status)
        items.append(item)
        if item.status.kind == .directory { directories.append((item.path, item.status)) }
      }
    }
    self.items = items.sorted { $0.path < $1.path }
    self.listings = listings
  }

  private static func names(
    in path: EntryPath?, of root: OpenDirectory
  ) throws -> [[UInt8]] {
    guard let path else { return try root.names() }
    do throws(FileError) {
      return try OpenDirectory(root.appending(path.bytes)).names()
    } catch {
      guard error.errno == .notDirectory else { throw error }
      throw SnapshotError(
        .changed,
        "'\(root.path)/\(path)' was replaced while the directory was listed; nobody may write to it meanwhile",
        cause: error)
    }
  }

  private static func item(
    at path: EntryPath, _ status: FileStatus?, _ root: OpenDirectory
  ) throws -> Item {
    guard let status else {
      throw SnapshotError(
        .changed,
        "'\(root.path)/\(path)' went while the directory was listed; nobody may write to it meanwhile"
      )
    }
    let kind: String
    switch status.kind {
    case .regular, .directory: return Item(path: path, root: root, status: status)
    case .symbolicLink: kind = "a symbolic link"
    case .special: kind = "a socket, pipe or device"
    }
    throw SnapshotError(
      .invalid,
      "'\(root.path)/\(path)' is \(kind): a checkpoint has regular files and directories only; "
        + "remove it, or put a copy of the file in its place")
  }

  /// Refuses the tree when anything in it came or went since it was listed; files that were taken in were looked at
  /// again by then.
  func recheck() throws {
    if try !hasSameNames() { try check() }
  }

  /// Refuses the tree when it is not as it was.
  func check() throws {
    let difference = try DirectoryTree(directory).firstDifference(since: self) {
      !Selection.isNeverKept($0)
    }
    if let difference {
      throw SnapshotError(
        .changed,
        "'\(root)/\(difference)' changed, came or went while the snapshot was taken; "
          + "nobody may write to the directory meanwhile")
    }
  }

  /// Whether the directories list the same names in the same order, as they do until one comes or goes.
  private func hasSameNames() throws -> Bool {
    try listings.allSatisfy { try Self.names(in: $0.directory, of: directory) == $0.names }
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
        ? new.status.kind == .directory && new.status.isOfSameFile(as: old.status)
        : new.status.isUnchanged(since: old.status)
      if !isSame { return old.path }
    }
    if old.count == new.count { return nil }
    return old.count > new.count ? old[new.count].path : new[old.count].path
  }

  /// What the newest OPTIONS file at the top says; `nil` where there is none.
  func settings() throws -> DatabaseSettings? {
    let files = items.compactMap { item -> (number: FileNumber, location: FilePath)? in
      guard case .options(let number)? = item.databaseFile else { return nil }
      return (number, item.location)
    }
    guard let newest = files.max(by: { $0.number < $1.number }) else { return nil }
    return DatabaseSettings(
      try FileSystemCalls.contents(of: newest.location, limit: DatabaseSettings.sizeLimit))
  }
}
