// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// What a node of a mount is; its number says it without any memory of earlier lookups.
///
/// The number is node id and `st_ino` at once: the same in every mount of a store, after a restart and
/// after the catalog was rebuilt. Bit 63 is clear, since programs exist that read inode numbers as
/// signed. With bit 62 set it is a ``SharedInode``. Otherwise:
///
///     bits 58–61   kind
///     bits 24–57   durable id of a history, checkpoint or tag
///     bits  0–23   ordinal of an entry; for the nodes that are there once, which of them
package enum Inode: Hashable, Sendable {
  case root
  case history(HistoryID)
  /// The link `latest`.
  case latest(HistoryID)
  /// The directory `tags`.
  case tags(HistoryID)
  /// The directory `by-time`.
  case byTime(HistoryID)
  /// A link in `tags`.
  case tag(TagID)
  /// A link in `by-time`.
  case time(CheckpointID)
  case checkpoint(CheckpointID)
  /// A file that belongs to one checkpoint, or a directory within it.
  case entry(CheckpointID, ordinal: Int)
  /// A file that all checkpoints with its content have in common.
  case shared(SharedInode)
  case control(ControlNode)

  var isShared: Bool { if case .shared = self { true } else { false } }
}

extension Inode: RawRepresentable {
  /// Ids up to here have inodes: 17 thousand million checkpoints.
  package static let greatestID: Int64 = 1 << 34 - 1
  /// Ordinals up to here have inodes: 16 million files and directories that a checkpoint does not
  /// share.
  package static let greatestOrdinal = 1 << 24 - 1

  /// - Precondition: its id and ordinal are not negative and within the bounds above.
  package var rawValue: UInt64 {
    switch self {
    case .root: Self.pack(.single, ordinal: Single.root.rawValue)
    case .history(let id): Self.pack(.history, id.rawValue)
    case .latest(let id): Self.pack(.latest, id.rawValue)
    case .tags(let id): Self.pack(.tags, id.rawValue)
    case .byTime(let id): Self.pack(.byTime, id.rawValue)
    case .tag(let id): Self.pack(.tag, id.rawValue)
    case .time(let id): Self.pack(.time, id.rawValue)
    case .checkpoint(let id): Self.pack(.checkpoint, id.rawValue)
    case .entry(let id, let ordinal): Self.pack(.entry, id.rawValue, ordinal: ordinal)
    case .shared(let inode): inode.rawValue
    case .control(.directory): Self.pack(.single, ordinal: Single.control.rawValue)
    case .control(.status): Self.pack(.single, ordinal: Single.status.rawValue)
    case .control(.metrics): Self.pack(.single, ordinal: Single.metrics.rawValue)
    case .control(.histories): Self.pack(.single, ordinal: Single.histories.rawValue)
    case .control(.report(.unreferenced)):
      Self.pack(.single, ordinal: Single.unreferenced.rawValue)
    case .control(.report(.missing)): Self.pack(.single, ordinal: Single.missing.rawValue)
    case .control(.history(let id)): Self.pack(.controlHistory, id.rawValue)
    case .control(.checkpoint(let id)): Self.pack(.controlCheckpoint, id.rawValue)
    }
  }

  /// - Returns: `nil` for a number that no node has; each node has one number only.
  package init?(rawValue: UInt64) {
    if let shared = SharedInode(rawValue: rawValue) {
      self = .shared(shared)
      return
    }
    guard rawValue >> 62 == 0, let kind = Kind(rawValue: rawValue >> 58) else { return nil }
    let id = Int64(rawValue >> 24 & 0x3_ffff_ffff)
    let ordinal = Int(rawValue & 0xff_ffff)
    guard kind == .entry || (kind == .single ? id == 0 : ordinal == 0) else { return nil }
    switch kind {
    case .single:
      guard let single = Single(rawValue: ordinal) else { return nil }
      self.init(single)
    case .history: self = .history(HistoryID(rawValue: id))
    case .latest: self = .latest(HistoryID(rawValue: id))
    case .tags: self = .tags(HistoryID(rawValue: id))
    case .byTime: self = .byTime(HistoryID(rawValue: id))
    case .tag: self = .tag(TagID(rawValue: id))
    case .time: self = .time(CheckpointID(rawValue: id))
    case .checkpoint: self = .checkpoint(CheckpointID(rawValue: id))
    case .entry: self = .entry(CheckpointID(rawValue: id), ordinal: ordinal)
    case .controlHistory: self = .control(.history(HistoryID(rawValue: id)))
    case .controlCheckpoint: self = .control(.checkpoint(CheckpointID(rawValue: id)))
    }
  }

  private init(_ single: Single) {
    switch single {
    case .root: self = .root
    case .control: self = .control(.directory)
    case .status: self = .control(.status)
    case .histories: self = .control(.histories)
    case .metrics: self = .control(.metrics)
    case .unreferenced: self = .control(.report(.unreferenced))
    case .missing: self = .control(.report(.missing))
    }
  }

  private static func pack(_ kind: Kind, _ id: Int64 = 0, ordinal: Int = 0) -> UInt64 {
    precondition(
      (0...greatestID).contains(id), "an inode holds ids from 0 to \(greatestID), not \(id)")
    precondition(
      (0...greatestOrdinal).contains(ordinal),
      "an inode holds ordinals from 0 to \(greatestOrdinal), not \(ordinal)")
    return kind.rawValue << 58 | UInt64(id) << 24 | UInt64(ordinal)
  }
}

/// These numbers are durable: a new kind takes a new one.
private enum Kind: UInt64 {
  case single = 0
  case history = 1
  case latest = 2
  case tags = 3
  case byTime = 4
  case tag = 5
  case time = 6
  case checkpoint = 7
  case entry = 8
  case controlHistory = 9
  case controlCheckpoint = 10
}

/// The nodes that are there once, by ordinal. FUSE demands 1 for the root.
private enum Single: Int {
  case root = 1
  case control = 2
  case status = 3
  case histories = 4
  case metrics = 5
  case unreferenced = 6
  case missing = 7
}
