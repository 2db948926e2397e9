// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints

/// What is told of a checkpoint that waits for shards.
struct PendingListing: Encodable {
  private enum CodingKeys: CodingKey {
    case history
    case number
    case shards
    case missing
    case deadlineSeconds
  }

  let history: String
  let number: Int64
  let shards: [String]
  let missing: [String]
  /// From now; 0 when it has passed.
  let deadlineSeconds: Double
  /// How a reader is told of its deadline.
  private let deadline: String

  init(_ pending: PendingShards) {
    history = pending.reference.history.rawValue
    number = pending.reference.number.rawValue
    shards = pending.shards.map(\.rawValue)
    missing = pending.missing.map(\.rawValue)
    deadlineSeconds = max(0, pending.remaining / .seconds(1))
    deadline = pending.deadline
  }

  var name: String { "\(history)/chk-\(number)" }

  /// `waits for 2 of 3 shards: b, c; deadline in 4 min`.
  var summary: String {
    "waits for \(missing.count) of \(Quantities.count(shards.count, "shard")): "
      + "\(PendingShards.few(of: missing)); \(deadline)"
  }
}
