// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import FoundationEssentials
import LinuxFiles
import Snapshots
import SystemPackage

/// Takes one checkpoint of Flink's into a store.
///
/// Files are taken from where they are. What is only a part of one is written to a file of its own first,
/// in `$TMPDIR` or /var/tmp, and removed afterwards.
struct FlinkImport {
  private let selection: FlinkSelection
  private let checkpoint: CheckpointRecord
  private let store: Store

  init(_ selection: FlinkSelection, into store: Store) throws {
    self.selection = selection
    checkpoint = try selection.requireCheckpoint().record
    self.store = store
  }

  /// - Parameter options: without a number, Flink's own is kept.
  func run(
    history: HistoryName, options: CommitOptions, progress: ProgressHandler?
  ) throws -> CommitReport {
    var options = options
    options.number = options.number ?? checkpoint.number
    let parts = try TemporaryParts()
    var files: [SourceFile] = []
    try selection.source.export(checkpoint.id) { file in
      files.append(
        SourceFile(
          path: file.path, location: try parts.location(of: file), kind: Self.kind(of: file)))
    }
    return try store.importFiles(
      files, owner: checkpoint.owner, to: history, options: options, progress: progress)
  }

  /// As a commit of each RocksDB directory would have it: tables never change.
  private static func kind(of file: ExportedFile) -> SourceFile.Kind {
    if case .directory = file.content { return .directory }
    let name = String(decoding: file.path.name, as: UTF8.self)
    return name.hasSuffix(".sst") || name.hasSuffix(".blob") ? .shared : .own
  }
}

/// Files for parts of files, removed with the last reference.
private final class TemporaryParts {
  private let directory: FilePath
  private var count = 0

  init() throws {
    let parent = FilePath(ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp")
    directory = parent.appending(
      "ckptfs-import-\(String(UInt64.random(in: .min ... .max), radix: 36))")
    try FileSystemCalls.makeDirectory(directory, permissions: 0o700)
  }

  deinit {
    // Left-over copies do no harm, and what came of the import matters more.
    try? FileSystemCalls.removeTree(directory)
  }

  func location(of file: ExportedFile) throws -> FilePath {
    switch file.content {
    case .directory: return directory
    case .file(let path): return path
    case .bytes(let opened):
      count += 1
      let path = directory.appending("\(count)")
      try copy(opened, to: path)
      return path
    }
  }

  private func copy(_ opened: OpenFile, to path: FilePath) throws {
    let target = try FileSystemCalls.open(
      path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o600))
    try target.closeAfter {
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var done: Int64 = 0
      while done < opened.length {
        let wanted = min(Int64(buffer.count), opened.length - done)
        if wanted < buffer.count { buffer.removeLast(buffer.count - Int(wanted)) }
        let count = try opened.descriptor.fill(
          &buffer, at: UInt64(opened.offset + done), path: path)
        guard count > 0 else {
          throw Failure(.failed, "sourceChanged", "a file became shorter while it was read")
        }
        try target.write(all: buffer[..<count], path: path)
        done += Int64(count)
      }
    }
  }
}
