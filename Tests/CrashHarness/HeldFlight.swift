// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints

/// A checkpoint that was begun and taken in, and is still to be completed or given up.
final class HeldFlight {
  private var pending: PendingCheckpoint?
  private let ingested: IngestedEntries

  init(_ pending: consuming PendingCheckpoint, _ ingested: IngestedEntries) {
    self.pending = consume pending
    self.ingested = ingested
  }

  func complete(tag: TagName?, owner: Ownership) throws -> Int64? {
    guard let pending = pending.take() else { return nil }
    return try pending.complete(ingested, owner: owner, tag: tag).checkpoint.number.rawValue
  }

  func abort() throws {
    guard let pending = pending.take() else { return }
    try pending.abort()
  }
}
