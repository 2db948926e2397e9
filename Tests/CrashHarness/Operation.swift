// SPDX-License-Identifier: Apache-2.0

/// Something that an actor does to a store.
package enum Operation: Codable, Hashable, Sendable {
  case create
  case commit(history: String, number: Int64?, files: [SyntheticFile], tag: String?)
  /// Begins and takes in, then gives up.
  case abort(history: String, files: [SyntheticFile])
  /// Begins a checkpoint that waits for shards, for so long.
  case begin(history: String, number: Int64, shards: [String], seconds: Int64 = 3600)
  case commitShard(history: String, number: Int64, shard: String, files: [SyntheticFile])
  /// Gives up one that waits for shards.
  case abortShards(history: String, number: Int64)
  case tag(history: String, number: Int64, name: String)
  case untag(history: String, name: String)
  case rename(history: String, name: String)
  case drop(history: String, numbers: [Int64], force: Bool)
  /// Takes back a checkpoint that nobody has confirmed.
  case withdraw(history: String, number: Int64)
  case collect
  /// Makes the catalog anew.
  case rebuild
  /// Puts damaged blobs right, from what lies beside the store in `good`.
  case repair
  /// Reads all blobs.
  case readAll
  /// Removes the lock of everything in flight, as if its owner had died, and collects.
  case forsake
  /// Writes a checkpoint out to a directory of that name beside the store.
  case restore(history: String, number: Int64, destination: String, linking: Bool)
}
