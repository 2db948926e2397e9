// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// Where things lie in a store's directory.
struct StoreLayout: Sendable {
  let root: FilePath

  /// The greatest manifest or page that is read, in bytes.
  static let recordLimit = 1 << 26

  /// Says that the directory is a store, and of which format; written last.
  var marker: FilePath { blobs.marker }
  /// Beyond which ids a catalog gives its own that was made anew; absent before the first time.
  var rebuiltIDs: FilePath { root.appending("ids") }
  /// How often the catalog was changed.
  var changes: FilePath { root.appending("changes") }
  var catalog: FilePath { root.appending("catalog.sqlite") }
  var rebuiltCatalog: FilePath { root.appending("catalog.sqlite.rebuilt") }
  /// What a rebuild put aside.
  var replacedCatalog: FilePath { root.appending("catalog.sqlite.replaced") }
  var manifests: FilePath { root.appending("manifests") }
  /// Files on their way into `manifests`; whoever holds `outboxLock` owns all of them.
  var pending: FilePath { root.appending("pending") }
  var changeMark: ChangeMark { ChangeMark(at: changes) }
  var reserve: FilePath { root.appending("reserve") }
  var blobs: BlobLayout { BlobLayout(root: root) }
  var locks: FilePath { root.appending("locks") }
  /// Held shared by every process that uses the store, exclusively to replace its catalog.
  var storeLock: FilePath { locks.appending("store") }
  var outboxLock: FilePath { locks.appending("outbox") }

  /// Refuses a store of which a part lies elsewhere: what is written to or removed from that would be somebody else's. So it
  /// does one without `locks`; other directories that are lost are made anew where something is to be put there.
  ///
  /// - Throws: code `refused`, or `damaged`.
  func checkParts() throws(StoreError) {
    // What cannot be listed is told by whoever needs it. A link that leads nowhere is as good as a shelf that cannot be read: what
    // should lie there is told as that, and nothing comes there.
    let shelves = ((try? DirectoryListing.namesOfOthers(thanDirectoriesIn: blobs.blobs)) ?? [])
      .filter(LocalBlobStore.isShelf).map { blobs.blobs.appending(bytes: $0) }
      .filter { (try? FileStatus(following: $0).kind) == .directory }
    let directories = [
      manifests, pending, locks, blobs.blobs, blobs.staging, blobs.quarantine,
    ]
    for (paths, kind) in [
      (directories, FileStatus.Kind.directory), (shelves, .directory),
      ([catalog, changes, reserve, rebuiltIDs], .regular),
    ] {
      for path in paths {
        let found = try translating { try FileStatus(ifPresent: path)?.kind }
        if found == nil && path == locks { throw lostLocks }
        guard let found, found != kind else { continue }
        throw StoreError(
          .refused,
          "'\(path)' is \(found == .symbolicLink ? "a symbolic link" : "not what a store has there"); a store's parts lie in "
            + "its directory: put the \(kind == .directory ? "directory" : "file") itself there")
      }
    }
  }

  /// Made anew beside a command that runs, it would let a catalog be replaced beneath that.
  private var lostLocks: StoreError {
    StoreError(
      .damaged,
      "'\(locks)' is missing, by which commands know of each other; end all that use the store, mounts too, then make it "
        + "anew: mkdir -m 700 '\(locks)'")
  }

  /// Puts a small file into the store's directory, or in the place of the one that is there. Durable on return.
  func place(_ content: [UInt8], at path: FilePath) throws {
    try place(staged: stage(content, for: path), at: path)
  }

  /// Writes a small file that is to come to `path`, durably.
  ///
  /// - Returns: where it is, for ``place(staged:at:)``.
  func stage(_ content: [UInt8], for path: FilePath) throws -> FilePath {
    guard let name = path.lastComponent else { preconditionFailure("a store's file has a name") }
    let staged = pending.appending(name.string)
    try makePending()
    try FileSystemCalls.write(staged, options: [.create, .truncate]) { file in
      try file.write(all: content[...], path: staged)
      try Steps.perform(.syncMarker) { try file.sync(staged) }
    }
    return staged
  }

  func place(staged: FilePath, at path: FilePath) throws {
    try Steps.perform(.placeMarker) { try FileSystemCalls.rename(staged, to: path) }
    try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(root) }
  }

  /// Makes `pending` anew where it was lost. Its name need not be durable: what lies in it never stays there.
  func makePending() throws(FileError) {
    try FileSystemCalls.makeDirectoryIfAbsent(pending, permissions: 0o700)
  }

  /// Where blobs lie as messages have it.
  static let relativeBlobs = BlobLayout(root: "")

  /// The path of something in the store as messages have it.
  func relativeName(of path: FilePath) -> String {
    var path = path
    _ = path.removePrefix(root)
    return path.string
  }

  func lock(of owner: OwnerToken) -> FilePath { locks.appending(owner.description) }

  /// The history that a directory among the manifests is of; `nil` where it has the name of none, or that in another spelling.
  static func history(ofDirectory name: [UInt8]) -> HistoryID? {
    let name = String(decoding: name, as: UTF8.self)
    guard let id = Int64(name), id > 0, String(id) == name else { return nil }
    return HistoryID(rawValue: id)
  }

  func directory(of history: HistoryID) -> FilePath {
    manifests.appending(String(history.rawValue))
  }

  func manifest(of history: HistoryID, _ number: CheckpointNumber) -> FilePath {
    directory(of: history).appending(number.directoryName)
  }

  func name(of history: HistoryID) -> FilePath { directory(of: history).appending("history") }

  func tag(_ name: TagName, of history: HistoryID) -> FilePath {
    directory(of: history).appending("tag-\(name)")
  }

  /// The files and directories that a store's directory has; what SQLite adds begins with `catalog.sqlite`.
  static let names = [
    "ckptfs-store", "blobs", "staging", "manifests", "pending", "locks", "reserve", "quarantine",
    "ids", "changes",
  ]
}
