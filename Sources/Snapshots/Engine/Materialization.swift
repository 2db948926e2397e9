// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

/// The taking of a checkpoint's directory that RocksDB has just made into the store.
struct Materialization {
  struct Outcome: Sendable {
    let checkpoint: CheckpointRecord
    let newFiles: Int64
    let base: CheckpointNumber?
  }

  let engine: SnapshotEngine
  let number: CheckpointNumber
  let states: [StateDescriptor]
  let cancellation: Cancellation
  let progress: SnapshotProgressHandler?

  /// - Parameter mayComplete: asked once, when all is in the store; after `true` it is too late to cancel.
  func run(mayComplete: () -> Bool) throws -> Outcome {
    try enter(.comparing)
    switch try engine.store.begin(engine.history, number: number) {
    case .completed:
      try engine.renumber()
      throw SnapshotError(
        .exists,
        "\(engine.history)/\(number.directoryName) exists already, and a number is used once; give each "
          + "engine a history of its own, and each snapshot a new number")
    case .pending(let pending):
      let tree = try DirectoryTree(at: engine.local.checkpoint(number))
      let files = try select(tree)
      try enter(.ingesting)
      let ingested = try pending.ingest(
        files, policy: engine.options.ingest, linking: true, width: engine.options.workers,
        cancellation: cancellation
      ) { progress?(SnapshotProgress(.ingesting, $0)) }
      try enter(.completing)
      guard mayComplete() else { throw CancellationError() }
      let base = pending.base?.number
      let result = try pending.complete(
        ingested, owner: Ownership(user: tree.status.user, group: tree.status.group),
        tag: engine.options.confirmation == .byCoordinator ? .unconfirmed(number) : nil)
      return Outcome(checkpoint: result.checkpoint, newFiles: result.newFiles, base: base)
    }
  }

  private func enter(_ phase: SnapshotProgress.Phase) throws {
    progress?(SnapshotProgress(phase))
    try cancellation.check()
  }

  /// What of the directory becomes the checkpoint, with the state's description, which is written into it.
  ///
  /// Logs that nothing needs any more are left out: RocksDB hands over what it has not come to remove.
  private func select(_ tree: DirectoryTree) throws -> [SeenFile] {
    let description = try Judgement(tree: tree, kind: .checkpoint).judge()
    let state = try StateInformation(of: description, in: tree, states: states)
    let location = tree.root.appending(StateInformation.fileName)
    try state.write(to: location)
    let file = SourceFile(
      path: try EntryPath(StateInformation.fileName), location: location, kind: .own)
    let selection = Selection(closedDatabase: tree, description).givingAwayCopies()
    return try separatingLogs(selection.files) + [SeenFile(file, try FileStatus(at: location))]
  }
}

extension SnapshotProgress {
  fileprivate init(_ phase: Phase, _ bytes: Progress = Progress(doneBytes: 0, totalBytes: 0)) {
    self.init(phase: phase, doneBytes: bytes.doneBytes, totalBytes: bytes.totalBytes)
  }
}
