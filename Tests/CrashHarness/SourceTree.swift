// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
package import SystemPackage

/// Makes checkpoint directories as RocksDB does: unchanged SST files are hard links to one inode.
package struct SourceTree: Sendable {
  let work: FilePath
  /// Whose all checkpoints are.
  static let owner = Ownership(user: 1000, group: 1000)

  package init(_ work: FilePath) throws {
    self.work = work
    try FileSystemCalls.makeDirectoryIfAbsent(work)
    try FileSystemCalls.makeDirectoryIfAbsent(work.appending("pool"))
  }

  /// Where the directory of a checkpoint lies while it is taken in.
  package static func directory(in work: FilePath, _ history: String, _ number: Int64?) -> FilePath
  {
    work.appending("\(history)-\(number ?? 0)")
  }

  func make(_ files: [SyntheticFile], _ history: String, _ number: Int64?) throws -> [SourceFile] {
    let directory = Self.directory(in: work, history, number)
    try FileSystemCalls.removeTree(directory)
    try FileSystemCalls.makeDirectory(directory)
    var sources: [SourceFile] = []
    for path in Set(files.flatMap(\.directories)).sorted() {
      try FileSystemCalls.makeDirectory(directory.appending(text: path))
      sources.append(
        SourceFile(
          path: try EntryPath(bytes: path.pathBytes), location: directory.appending(text: path),
          kind: .directory))
    }
    for file in files {
      let location = directory.appending(text: file.path)
      if file.isShared {
        try FileSystemCalls.link(try pooled(file), as: location)
      } else {
        try write(file, to: location)
      }
      sources.append(
        SourceFile(
          path: try EntryPath(bytes: file.path.pathBytes), location: location,
          kind: file.isShared ? .shared : .own))
    }
    return sources
  }

  private func pooled(_ file: SyntheticFile) throws -> FilePath {
    let path = work.appending("pool").appending("\(file.seed)")
    if try FileSystemCalls.exists(path) { return path }
    // Renamed when it is whole, since a killed actor's pool is used again.
    let staged = work.appending("staged")
    try FileSystemCalls.unlinkIfPresent(staged)
    try write(file, to: staged)
    try FileSystemCalls.rename(staged, to: path)
    return path
  }

  private func write(_ file: SyntheticFile, to path: FilePath) throws {
    let descriptor = try FileSystemCalls.open(
      path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o644))
    try descriptor.write(all: file.bytes[...], path: path)
    // Long ago, so that it counts as evidence (promise P5).
    try descriptor.setModified(
      1_700_000_000_000_000_000 + Int64(file.seed) * 1_000_000_007, path: path)
    try descriptor.close(reporting: path)
  }

  func remove(_ history: String, _ number: Int64?) throws {
    try FileSystemCalls.removeTree(Self.directory(in: work, history, number))
  }
}
