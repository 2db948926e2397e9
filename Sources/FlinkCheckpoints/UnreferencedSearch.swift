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
  /// Directories of checkpoints that others refer to as a whole, or that cannot be read.
  private let kept: Set<FilePath>
  private(set) var found: [UnreferencedFile] = []

  init(_ index: FlinkIndex, root: FilePath, latest: Timestamp) throws(FileError) {
    self.root = root
    self.latest = latest
    used = Set(
      index.files.records.compactMap { record in
        guard record.references > 0, case .file(let path) = record.place else { return nil }
        return path
      })
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
    var directories = [top]
    while let directory = directories.popLast() {
      for name in try names(in: directory) {
        let path = directory.appending(bytes: name)
        guard let status = try FileStatus(ifPresent: path) else { continue }
        switch status.kind {
        case .directory: if !kept.contains(path) { directories.append(path) }
        case .regular: consider(path, status)
        case .symbolicLink, .special: break
        }
      }
    }
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
      !used.contains(path)
    else { return }
    var below = path
    _ = below.removePrefix(root)
    found.append(UnreferencedFile(path: below, size: status.size, modified: modified))
  }
}
