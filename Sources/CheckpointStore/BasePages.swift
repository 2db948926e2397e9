// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles

/// The pages of the checkpoint that a new one is compared with.
///
/// Most files of a checkpoint stay from one to the next. A page whose files all stayed is recognised as
/// a whole, by one digest of what its files look like: neither its entries nor their evidence are read.
struct BasePages {
  private let catalog: any Catalog
  private let records: [PageRecord]
  private let bySources: [Digest: PageRecord]

  /// - Parameter directory: only of what lies in it, where the new one is only that part.
  init(_ catalog: any Catalog, of base: CheckpointRecord?, in directory: EntryPath?) throws {
    self.catalog = catalog
    let all = try base.map { try catalog.pageRecords(of: $0.id) } ?? []
    records = directory.map { Self.pages(all, in: $0) } ?? all
    bySources = Dictionary(
      records.compactMap { record in record.sources.map { ($0, record) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Those that hold something in a directory, among the pages of a checkpoint in their order.
  private static func pages(_ all: [PageRecord], in directory: EntryPath) -> [PageRecord] {
    let lower = directory.bytes + [UInt8(ascii: "/")]
    let upper = directory.bytes + [UInt8(ascii: "/") + 1]
    return zip(all, all.dropFirst().map(Optional.some) + [nil]).filter { page, next in
      guard page.first.bytes.lexicographicallyPrecedes(upper) else { return false }
      guard let next, next.stream == page.stream else { return true }
      return lower.lexicographicallyPrecedes(next.first.bytes)
    }.map(\.0)
  }

  /// The page whose entries are these files: there was evidence for each when the page was made, by the rules of
  /// promise P5, and each looks as it did then.
  func page(of files: ArraySlice<SeenFile>) -> PageRecord? {
    guard !bySources.isEmpty, let sources = Self.sources(of: files),
      // The file of its blob was one of its links: where it has no other, the store has lost that.
      files.allSatisfy({ $0.status.links > 1 })
    else { return nil }
    return bySources[sources]
  }

  /// The blobs of the pages' texts, by digest: the base keeps them from collection.
  var texts: [Digest: BlobRecord] {
    Dictionary(
      records.map { ($0.blob.name.digest, $0.blob) }, uniquingKeysWith: { first, _ in first })
  }

  /// What the base has, by path, but for pages that were found again.
  func contents(without found: Set<BlobName>) throws -> [EntryPath: Content] {
    var contents: [EntryPath: Content] = [:]
    for record in records where !found.contains(record.blob.name) {
      for entry in try catalog.page(record).entries { contents[entry.path] = entry.content }
    }
    return contents
  }

  /// A digest of the paths of files and of all that is evidence for what they hold.
  ///
  /// - Returns: `nil` where one gives no evidence.
  static func sources(of files: ArraySlice<SeenFile>) -> Digest? {
    var text: [UInt8] = []
    text.reserveCapacity(64 * files.count)
    for file in files {
      guard let evidence = Evidence(file.status, hashStarted: nil) else { return nil }
      text += file.path.bytes
      text.append(0)  // no path has one
      for word in [
        evidence.device, evidence.inode, evidence.size,
        UInt64(bitPattern: evidence.born.nanoseconds),
        UInt64(bitPattern: evidence.modified.nanoseconds),
      ] {
        append(word, to: &text)
      }
    }
    return Digest(hashing: text)
  }

  private static func append(_ word: UInt64, to text: inout [UInt8]) {
    for shift in stride(from: 0, to: 64, by: 8) {
      text.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }
}
