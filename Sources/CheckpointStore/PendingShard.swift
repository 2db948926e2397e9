// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles
public import SystemPackage

/// A shard of a pending checkpoint that this process commits.
///
/// Let go, killed or failed, it takes nothing from the checkpoint: the shard may be committed again at once, by
/// anybody. What such a one had brought in stays until the checkpoint completes or is given up.
public struct PendingShard: ~Copyable {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let shard: ShardName
  let directory: EntryPath

  /// Takes the files of the shard in, as `PendingCheckpoint.ingest` does.
  ///
  /// - Parameters:
  ///   - files: their paths are those within the shard.
  ///   - location: the shard's directory.
  public borrowing func ingest(
    _ files: [SourceFile], of location: FilePath, policy: IngestPolicy = .auto,
    linking: Bool = true, progress: ProgressHandler? = nil
  ) throws(StoreError) -> IngestedEntries {
    let seen = try translating {
      try SeenFile.looking(
        at: files + [SourceFile(path: directory, location: location, kind: .directory)])
    }
    return try ingest(
      seen.dropLast(), of: seen[files.count], policy: policy, linking: linking, progress: progress)
  }

  /// - Parameter root: the shard's directory.
  package borrowing func ingest(
    _ files: [SeenFile], of root: SeenFile, policy: IngestPolicy, linking: Bool,
    progress: ProgressHandler?
  ) throws(StoreError) -> IngestedEntries {
    let placed = try translating { try root.placing(files, in: directory) }
    let pending = PendingCheckpoint(store: store, flight: flight)
    return try pending.ingest(placed, policy: policy, linking: linking, progress: progress)
  }

  /// Makes the shard part of the checkpoint, and the checkpoint visible when it was the last one. Durable on return.
  ///
  /// - Throws: code `expired` when the checkpoint was given up meanwhile or its deadline has passed, `exists` when
  ///   another process committed the shard meanwhile.
  public consuming func commit(
    _ ingested: IngestedEntries, owner: Ownership
  ) throws(StoreError) -> ShardResult {
    let completion = ShardCompletion(
      store: store, flight: flight, shard: shard, directory: directory, ingested: ingested,
      owner: owner)
    return try translating { try completion.run() }
  }
}

/// What committing a shard came to.
public struct ShardResult: Sendable {
  public let number: CheckpointNumber
  public let files: Int64
  /// Files whose contents were not in the store before.
  public let newFiles: Int64
  public let fullBytes: Int64
  public let newBytes: Int64
  public let state: ShardState
}

/// How far the checkpoint is that a shard belongs to.
public enum ShardState: Sendable {
  case pending(PendingShards)
  case completed(CheckpointRecord)
}

extension SeenFile {
  /// This directory and files in it, with the paths that they have when it lies at `directory`.
  func placing(_ files: [SeenFile], in directory: EntryPath) throws -> [SeenFile] {
    let root = SeenFile(
      SourceFile(path: directory, place: source.place, kind: .directory), status)
    return try [root]
      + files.map { file in
        let path = try EntryPath(bytes: directory.bytes + [UInt8(ascii: "/")] + file.path.bytes)
        return SeenFile(
          SourceFile(path: path, place: file.source.place, kind: file.kind), file.status)
      }
  }
}
