// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct PageTests {
  static func content(_ seed: Int, size: UInt64 = 10) -> Content {
    Content(
      digest: Digest(hashing: Array("content \(seed)".utf8)), size: size,
      modified: Timestamp(nanoseconds: Int64(seed) - 5))
  }

  static func tables(_ numbers: some Sequence<Int>) throws -> [Entry] {
    try numbers.map {
      Entry(path: try EntryPath("\($0 + 100_000).sst"), kind: .shared(content($0)))
    }
  }

  @Test("a page reads back from its text, with odd names and times")
  func roundTrip() throws {
    let entries = [
      Entry(
        path: try EntryPath(bytes: [0x01, 0xff, 0x25, 0x20, 0x0a]), kind: .own(Self.content(1))),
      Entry(path: try EntryPath("CURRENT"), kind: .own(Self.content(-9, size: 0))),
      Entry(path: try EntryPath("sub"), kind: .directory),
    ]
    let page = Page(entries: entries)
    let read = try Page(decoding: page.encoded)
    #expect(read.entries == entries)
    #expect(read.digest == Digest(hashing: page.encoded))
  }

  @Test("a page that is cut off, reordered or spelt otherwise is refused with its line (P10)")
  func refuses() throws {
    let page = Page(entries: try Self.tables(0..<3))
    let text = String(decoding: page.encoded, as: UTF8.self)
    let lines = text.split(separator: "\n").map(String.init)
    let hostile = [
      "", "ckptfs page 2\n", lines[0] + "\n", text + "\n", String(text.dropLast()),
      [lines[0], lines[2], lines[1]].joined(separator: "\n") + "\n",
      [lines[0], lines[1], lines[1]].joined(separator: "\n") + "\n",
      text.replacing("100001.sst", with: "../100001.sst"),
      text.replacing("100001.sst", with: "%31%30"), text.replacing(" 10 ", with: " 010 "),
      text.replacing(" 10 ", with: " -1 "), text.replacing("shared", with: "Shared"),
      text.replacing(" 10 ", with: " 18446744073709551615 "),
      lines[0] + "\ndirectory\n", lines[0] + "\nshared x\n",
    ]
    for text in hostile {
      #expect(throws: InvalidText.self, "\(text)") { try Page(decoding: Array(text.utf8)) }
    }
  }

  @Test("a page with any one byte changed has another digest, or is refused")
  func bitRot() throws {
    let page = Page(entries: try Self.tables(0..<4))
    for index in page.encoded.indices {
      var rotten = page.encoded
      rotten[index] ^= 0x04
      if let read = try? Page(decoding: rotten) { #expect(read.digest != page.digest) }
    }
  }

  @Test("pages hold all entries once, in order, own files before shared ones")
  func pagination() throws {
    let own = try ["CURRENT", "MANIFEST-000005", "OPTIONS-000007"].map {
      Entry(path: try EntryPath($0), kind: .own(Self.content(1)))
    }
    let tables = try Self.tables(0..<2000)
    let pages = Pagination.pages(of: (tables + own).shuffled())
    #expect(pages.flatMap(\.entries) == own + tables)
    #expect(pages.map(\.stream) == pages.map(\.stream).sorted())
    // 32 entries a page on average, by hashes that are the same everywhere.
    #expect((40...100).contains(pages.count))
  }

  @Test("ten new files among 16,000 make few new pages, wherever they lie")
  func locality() throws {
    let old = Pagination.pages(of: try Self.tables(0..<16_000))
    let new = Pagination.pages(
      of: try Self.tables((0..<16_000).filter { $0 % 1600 != 7 } + (20_000..<20_010)))
    let known = Set(old.map(\.digest))
    #expect(new.count { !known.contains($0.digest) } <= 22)
  }

  @Test("no names can make a page longer than 512 entries")
  func bounded() throws {
    let pages = Pagination.pages(of: try Self.tables(0..<50_000))
    #expect(pages.allSatisfy { $0.entries.count <= 512 })
  }
}
