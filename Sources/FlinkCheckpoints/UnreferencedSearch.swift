// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Walks a directory for files that no checkpoint of an index uses.
struct UnreferencedSearch {
  let root: FilePath
  /// Younger files may belong to a checkpoint that is being taken: it has no `_metadata` yet.
  let latest: Timestamp
  private let used: Set<FilePath>
  /// The names of files that checkpoints refer to: one that has such a name may be meant, wherever it lies, as where it was
  /// copied, or where its recorded place leads nowhere.
  private let usedNames: Set<String>
  /// Directories of checkpoints that others refer to as a whole, or that cannot be read.
  private let kept: Set<FilePath>
  private(set) var found: [UnreferencedFile] = []
  /// Checkpoints that the index cannot know, as they lie where nobody looks for one.
  private(set) var unseen: [DamagedCheckpoint] = []

  init(_ index: FlinkIndex, root: FilePath, latest: Timestamp) throws(FileError) {
    self.root = root
    self.latest = latest
    let records = index.files.records.filter { $0.references > 0 }
    used = Set(
      records.compactMap { if case .file(let path) = $0.place { path } else { nil } })
    usedNames = Set(records.compactMap { $0.recorded.split(separator: "/").last.map(String.init) })
    var kept = Set(index.damaged.map(\.directory))
    for checkpoint in index.checkpoints.values.joined() {
      let job = checkpoint.found.directory.removingLastComponent()
      for number in checkpoint.summary.referencedCheckpoints {
        kept.insert(job.appending("chk-\(number)"))
      }
    }
    self.kept = kept
    try walk(root)
    found.sort { $0.path.string < $1.path.string }
  }

  private mutating func walk(_ top: FilePath) throws(FileError) {
    var directories = [(path: top, reach: CheckpointDiscovery.Reach.root)]
    while let (directory, reach) = directories.popLast() {
      let names = try names(in: directory)
      let hasMetadata =
        try names.contains(Array(MetadataFile.name.utf8))
        && CheckpointDiscovery.metadata(in: directory) != nil
      if hasMetadata, case .unseen = reach {
        unseen.append(Self.unseen(directory))
        continue
      }
      for name in names {
        let path = directory.appending(bytes: name)
        guard let status = try FileStatus(ifPresent: path) else { continue }
        switch status.kind {
        case .directory:
          if !kept.contains(path) {
            directories.append((path, hasMetadata ? .unseen : reach.below(name)))
          }
        case .regular: consider(path, status)
        case .symbolicLink, .special: break
        }
      }
    }
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

  private mutating func consider(_ path: FilePath, _ status: FileStatus) {
    let modified = Timestamp(nanoseconds: status.modified)
    guard modified <= latest, path.lastComponent?.string != MetadataFile.name,
      !used.contains(path), !usedNames.contains(path.lastComponent?.string ?? "")
    else { return }
    var below = path
    _ = below.removePrefix(root)
    found.append(UnreferencedFile(path: below, size: status.size, modified: modified))
  }
}
