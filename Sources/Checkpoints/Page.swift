// SPDX-License-Identifier: Apache-2.0

/// An immutable run of a checkpoint's entries: stored once, counted, and named by its digest.
///
/// The sorted entries of a checkpoint are cut after each path whose hash says so, hence two
/// checkpoints that differ in a few paths differ in a few pages, wherever those paths lie
/// (content-defined chunking, as rsync and casync cut files).
///
/// The text form, for which `Formats.md` is the reference, is a header line and a line per entry:
///
///     ckptfs page 1
///     shared DIGEST SIZE MODIFIED PATH
public struct Page: Hashable, Sendable {
  public let entries: [Entry]
  /// The text form; its SHA-256 is the page's name.
  public let encoded: [UInt8]
  public let digest: Digest

  /// - Precondition: `entries` are not empty, sorted by path, and all shared or none.
  public init(entries: [Entry]) {
    precondition(!entries.isEmpty, "a page holds at least one entry")
    self.entries = entries
    encoded = PageText.encode(entries)
    digest = Digest(hashing: encoded)
  }

  /// Reads the text form.
  ///
  /// - Throws: ``InvalidText`` with the line that breaks a rule.
  public init(decoding encoded: [UInt8]) throws(InvalidText) {
    entries = try PageText.decode(encoded)
    self.encoded = encoded
    digest = Digest(hashing: encoded)
  }

  public var stream: PageStream { entries[0].isShared ? .shared : .own }

  /// The least path in it.
  public var first: EntryPath { entries[0].path }

  /// The sizes of its entries together; the greatest number where that is too little.
  public var bytes: Int64 {
    entries.lazy.map { Int64(clamping: $0.content?.size ?? 0) }.sum()
  }

  /// How many of its entries have each content.
  public var references: [Digest: Int64] {
    var times: [Digest: Int64] = [:]
    for content in entries.compactMap(\.content) { times[content.digest, default: 0] += 1 }
    return times
  }

  public static func == (lhs: Self, rhs: Self) -> Bool { lhs.digest == rhs.digest }
  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// Which of a checkpoint's two sorted runs of entries a page is from.
///
/// Files that are not shared change with nearly every checkpoint (CURRENT, MANIFEST, logs); kept apart
/// they do not touch the pages of the files that stay.
public enum PageStream: Int64, Hashable, Sendable, CaseIterable, Comparable {
  case own = 0
  case shared = 1

  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
