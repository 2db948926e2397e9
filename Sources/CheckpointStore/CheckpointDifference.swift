// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What changed from one checkpoint to another. All lists are sorted by path.
public struct CheckpointDifference: Sendable {
  /// Entries whose path only the new one has.
  public let added: [Entry]
  /// Entries whose path only the old one has.
  public let removed: [Entry]
  /// The new entries of paths that both have, with different contents.
  public let changed: [Entry]
  /// Entries that both have, with the same content.
  public let kept: [Entry]
  /// The bytes of contents that both have, under whatever names.
  public let sharedBytes: Int64
  /// The bytes of contents that only the new one has.
  public let addedBytes: Int64
  /// The bytes of contents that only the old one has.
  public let removedBytes: Int64

  package init(from old: [Entry], to new: [Entry]) {
    let before = Dictionary(uniqueKeysWithValues: old.map { ($0.path, $0) })
    let after = Dictionary(uniqueKeysWithValues: new.map { ($0.path, $0) })
    added = Self.sorted(new.filter { Self.counterpart(of: $0, in: before) == nil })
    removed = Self.sorted(old.filter { Self.counterpart(of: $0, in: after) == nil })
    let both = new.compactMap { entry in
      Self.counterpart(of: entry, in: before).map { (old: $0, new: entry) }
    }
    changed = Self.sorted(
      both.filter { $0.old.content?.digest != $0.new.content?.digest }.map(\.new))
    kept = Self.sorted(
      both.filter { $0.old.content?.digest == $0.new.content?.digest }.map(\.new))
    let (oldSizes, newSizes) = (Self.sizes(old), Self.sizes(new))
    sharedBytes = Self.total(newSizes.filter { oldSizes[$0.key] != nil })
    addedBytes = Self.total(newSizes.filter { oldSizes[$0.key] == nil })
    removedBytes = Self.total(oldSizes.filter { newSizes[$0.key] == nil })
  }

  /// A file and a directory of one path are two things.
  private static func counterpart(of entry: Entry, in others: [EntryPath: Entry]) -> Entry? {
    others[entry.path].flatMap { ($0.content == nil) == (entry.content == nil) ? $0 : nil }
  }

  private static func sorted(_ entries: [Entry]) -> [Entry] {
    entries.sorted { $0.path < $1.path }
  }

  /// The size of each distinct content.
  private static func sizes(_ entries: [Entry]) -> [Digest: UInt64] {
    Dictionary(
      entries.compactMap(\.content).map { ($0.digest, $0.size) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func total(_ sizes: [Digest: UInt64]) -> Int64 {
    sizes.values.lazy.map { Int64(clamping: $0) }.sum()
  }
}
