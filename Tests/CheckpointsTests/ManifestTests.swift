// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct ManifestTests {
  let store = StoreID("00112233445566778899aabbccddeeff")

  func manifest() throws -> Manifest {
    Manifest(
      store: try #require(store),
      checkpoint: CheckpointRecord(
        id: CheckpointID(rawValue: 17), history: HistoryID(rawValue: 3),
        number: try #require(CheckpointNumber(rawValue: 42)),
        completed: Timestamp(nanoseconds: 1_766_398_500_123_456_789),
        owner: Ownership(user: 1000, group: 1001), files: 5, fullBytes: 600, newBytes: 70),
      pages: [Digest(hashing: [1]), Digest(hashing: [2])])
  }

  @Test("a checkpoint's manifest reads back")
  func checkpoint() throws {
    let manifest = try manifest()
    #expect(try Manifest(decoding: manifest.encoded) == manifest)
  }

  @Test("a history's and a tag's manifest read back")
  func others() throws {
    let store = try #require(store)
    let history = HistoryManifest(
      store: store, id: HistoryID(rawValue: 3), name: try HistoryName("orders"))
    #expect(try HistoryManifest(decoding: history.encoded) == history)
    let tag = TagManifest(
      store: store,
      tag: TagRecord(
        id: TagID(rawValue: 5), name: try TagName("before-upgrade"),
        history: HistoryID(rawValue: 3), checkpoint: CheckpointID(rawValue: 17),
        number: try #require(CheckpointNumber(rawValue: 42)),
        created: Timestamp(nanoseconds: 9)))
    #expect(try TagManifest(decoding: tag.encoded) == tag)
  }

  @Test("where the ids of a catalog that was made anew begin reads back")
  func rebuiltIDs() throws {
    let ids = RebuiltIDs(
      history: HistoryID(rawValue: 1 << 20), tag: TagID(rawValue: 2 << 20),
      checkpoint: CheckpointID(rawValue: 3 << 20),
      content: Incarnation(rawValue: 4 << 20))
    #expect(try RebuiltIDs(decoding: ids.encoded) == ids)
    #expect(throws: InvalidText.self) { try RebuiltIDs(decoding: manifest().encoded) }
  }

  @Test("a store's marker reads back, and says in which way it is none")
  func marker() throws {
    let marker = StoreMarker(try #require(StoreID("0123456789abcdef0123456789abcdef")))
    #expect(try StoreMarker(decoding: marker.encoded) == marker)
    #expect(throws: StoreMarker.Flaw.foreign) { try StoreMarker(decoding: manifest().encoded) }
    #expect(throws: StoreMarker.Flaw.foreign) { try StoreMarker(decoding: []) }
    #expect(throws: StoreMarker.Flaw.format("2")) {
      try StoreMarker(decoding: Array("ckptfs store 2\n".utf8))
    }
    for rest in ["", "id 12\n", "id 0123456789abcdef0123456789abcdef\nid\n"] {
      #expect(throws: StoreMarker.Flaw.anonymous, "\(rest)") {
        try StoreMarker(decoding: Array("ckptfs store 1\n\(rest)".utf8))
      }
    }
  }

  @Test("a manifest that is cut off anywhere is refused")
  func cutOff() throws {
    let bytes = try manifest().encoded
    for length in bytes.indices {
      #expect(throws: InvalidText.self) { try Manifest(decoding: Array(bytes[..<length])) }
    }
  }

  @Test("a manifest with any bit changed is refused")
  func bitRot() throws {
    let bytes = try manifest().encoded
    for index in bytes.indices {
      for bit in 0..<8 {
        var rotten = bytes
        rotten[index] ^= 1 << bit
        #expect(throws: InvalidText.self) { try Manifest(decoding: rotten) }
      }
    }
  }

  @Test("one kind of record is not taken for another")
  func kinds() throws {
    let bytes = try manifest().encoded
    #expect(throws: InvalidText.self) { try HistoryManifest(decoding: bytes) }
    #expect(throws: InvalidText.self) { try TagManifest(decoding: bytes) }
  }
}
