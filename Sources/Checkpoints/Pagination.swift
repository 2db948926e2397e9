// SPDX-License-Identifier: Apache-2.0

/// Cuts the entries of a checkpoint into pages.
public enum Pagination {
  /// On average one path in so many ends a page.
  ///
  /// A commit writes a row for each of a checkpoint's pages and for each entry of a page that changed,
  /// so the best length grows with the square root of files over changes: 32 suits 16,000 files with 20
  /// changes, and costs little elsewhere.
  static let averageLength: UInt64 = 32

  /// No page is longer, whatever its paths, so that hostile names cannot make a huge one.
  static let greatestLength = 512

  /// The pages of the entries that are not shared, then of those that are.
  ///
  /// - Precondition: no two `entries` have the same path.
  public static func pages(of entries: [Entry]) -> [Page] {
    let sorted = entries.sorted { $0.path < $1.path }
    return cut(sorted.filter { !$0.isShared }) + cut(sorted.filter(\.isShared))
  }

  private static func cut(_ entries: [Entry]) -> [Page] {
    runs(of: entries.map(\.path)).map { Page(entries: Array(entries[$0])) }
  }

  /// Where the pages of one stream begin and end: their paths alone decide it.
  ///
  /// - Parameter paths: sorted.
  public static func runs(of paths: [EntryPath]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for (index, path) in paths.enumerated()
    where index - start == greatestLength - 1 || hash(path) % averageLength == 0 {
      runs.append(start..<index + 1)
      start = index + 1
    }
    if start < paths.count { runs.append(start..<paths.count) }
    return runs
  }

  /// FNV-1a over the path with MurmurHash3's finalizer, since FNV's low bits alone mix poorly.
  ///
  /// The result is part of the format: another hash cuts other pages and shares none with old ones.
  static func hash(_ path: EntryPath) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in path.bytes {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
  }
}
