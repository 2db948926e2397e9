// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Walks a directory for files that no checkpoint uses.
struct UnreferencedSearch {
  let root: FilePath
  /// Younger files may belong to a checkpoint that is being taken: it has no `_metadata` yet.
  let latest: Timestamp
  private let used: FilesInUse
  /// Where they are, from the file system's root.
  private var paths: [(path: FilePath, status: FileStatus)] = []
  /// What the index does not know, and may use files: checkpoints that lie where nobody looks for one or have completed since, and
  /// links to directories elsewhere.
  private(set) var unseen: [DamagedCheckpoint] = []

  init(_ used: FilesInUse, root: FilePath, latest: Timestamp) throws(FileError) {
    self.root = root
    self.latest = latest
    self.used = used
    try walk(root)
  }

  /// Takes back what checkpoints use that have completed during the search.
  mutating func leaveOut(_ later: FilesInUse) {
    paths.removeAll { later.mayIncludeAnywhere($0.path) }
    unseen.removeAll { later.checkpoints.contains($0.directory) }
  }

  /// Sorted by path.
  var found: [UnreferencedFile] {
    paths.sorted { $0.path.string < $1.path.string }.map { file in
      var below = file.path
      _ = below.removePrefix(root)
      return UnreferencedFile(
        path: below, size: file.status.size,
        modified: Timestamp(nanoseconds: file.status.modified))
    }
  }

  private mutating func walk(_ top: FilePath) throws(FileError) {
    var directories = [top]
    while let directory = directories.popLast() {
      guard !used.keepsAll(in: directory) else { continue }
      let names = try names(in: directory)
      if !used.checkpoints.contains(directory), names.contains(Array(MetadataFile.name.utf8)) {
        unseen.append(Self.unseen(directory))
        continue
      }
      for name in names {
        let path = directory.appending(bytes: name)
        guard let status = try FileStatus(ifPresent: path) else { continue }
        switch status.kind {
        case .directory: directories.append(path)
        case .regular: consider(path, status)
        case .symbolicLink: considerLink(path)
        case .special: break
        }
      }
    }
  }

  private mutating func consider(_ path: FilePath, _ status: FileStatus) {
    guard Timestamp(nanoseconds: status.modified) <= latest,
      path.lastComponent?.string != MetadataFile.name, !used.mayInclude(path)
    else { return }
    paths.append((path, status))
  }

  /// A link that leads nowhere, or may not be followed, hides no checkpoint that anybody could read.
  private mutating func considerLink(_ path: FilePath) {
    guard !used.checkpoints.contains(path), CheckpointDiscovery.isSearched(path),
      let target = try? FileSystemCalls.resolve(path), !target.starts(with: root),
      (try? FileStatus(at: target).kind) == .directory
    else { return }
    unseen.append(
      DamagedCheckpoint(
        directory: path,
        message: "'\(path)' is a link to the directory '\(target)', which was not looked into",
        isTruncated: false))
  }

  private static func unseen(_ directory: FilePath) -> DamagedCheckpoint {
    DamagedCheckpoint(
      directory: directory,
      message:
        "'\(directory)' lies where no checkpoint is looked for, and was not read; name it itself to look at it",
      isTruncated: false)
  }

  /// What vanishes meanwhile has nothing in it.
  private func names(in directory: FilePath) throws(FileError) -> [[UInt8]] {
    do throws(FileError) {
      return try DirectoryListing.names(in: directory)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return [] }
      throw error
    }
  }
}
