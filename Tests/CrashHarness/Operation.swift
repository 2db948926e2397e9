// SPDX-License-Identifier: Apache-2.0

/// Something that an actor does to a store, or through a mount of it.
package enum Operation: Codable, Hashable, Sendable {
  case create
  case commit(history: String, number: Int64?, files: [SyntheticFile], tag: String?)
  /// Takes files in by copies, as an import does.
  case importFiles(history: String, number: Int64, files: [SyntheticFile])
  /// Commits a directory by the program, in which somebody may have put what he should not.
  case commitDirectory(
    history: String, number: Int64, files: [SyntheticFile], trick: DirectoryTrick?)
  /// Imports a checkpoint of Flink's by the program.
  case importFlink(history: String, number: Int64, files: [SyntheticFile], trick: FlinkTrick?)
  /// Begins and takes in; what follows is up to the same actor. Nothing, while it has another in flight.
  case start(history: String, number: Int64?, files: [SyntheticFile])
  /// Completes what it has in flight, if there is any.
  case finish(tag: String?)
  /// Gives that up.
  case cancel
  /// Begins and takes in, then gives up.
  case abort(history: String, files: [SyntheticFile])
  /// Begins a checkpoint that waits for shards, for so long; with 0, its deadline is over at once.
  case begin(history: String, number: Int64, shards: [String], seconds: Int64 = 3600)
  case commitShard(history: String, number: Int64, shard: String, files: [SyntheticFile])
  /// Gives up one that waits for shards.
  case abortShards(history: String, number: Int64)
  case tag(history: String, number: Int64, name: String)
  case untag(history: String, name: String)
  case rename(history: String, name: String)
  case drop(history: String, numbers: [Int64], force: Bool)
  /// Drops what a policy does not keep that keeps so many that completed last.
  case prune(history: String, last: Int)
  /// Takes back a checkpoint that nobody has confirmed.
  case withdraw(history: String, number: Int64)
  case collect
  /// Finds nothing wrong, contents included.
  case check
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

  /// Compares all that the mount shows.
  case look
  /// Compares one checkpoint in the mount, which may be absent.
  case lookAt(history: String, number: Int64)
  /// Compares what one history in the mount lists.
  case list(history: String)
  /// Compares one file in the mount, which may be absent.
  case read(history: String, number: Int64, path: String)
  /// Opens a file in the mount and keeps it open.
  case open(history: String, number: Int64, path: String)
  /// Reads what the actor has open.
  case readOpened
  case close
  /// Spoils a content's file for a moment: whoever opens it meanwhile must be told.
  case damage(history: String, number: Int64, path: String, BlobDamage)
  /// Takes the mount away and mounts again.
  case remount
}

extension Operation {
  /// Whether what is to be taken in must be refused, whatever is in the store.
  var isHostile: Bool {
    switch self {
    case .commitDirectory(_, _, _, let trick): trick?.refusal != nil
    case .importFlink(_, _, _, let trick): trick?.refusal != nil
    default: false
    }
  }
}

/// What may become of a content's file behind the store's back.
package enum BlobDamage: String, Codable, CaseIterable, Hashable, Sendable {
  case touched
  case missing
  case longer
}
