// SPDX-License-Identifier: Apache-2.0

/// The record of a tag outside the catalog.
public struct TagManifest: Hashable, Sendable {
  public let store: StoreID
  public let tag: TagRecord

  public init(store: StoreID, tag: TagRecord) {
    self.store = store
    self.tag = tag
  }

  public var encoded: [UInt8] {
    var text = RecordText(kind: "tag")
    text.append("store", store)
    text.append("id", tag.id.rawValue)
    text.append("name", tag.name)
    text.append("history", tag.history.rawValue)
    text.append("checkpoint", tag.checkpoint.rawValue)
    text.append("number", tag.number.rawValue)
    text.append("created", tag.created.nanoseconds)
    return text.encoded
  }

  /// - Throws: ``InvalidText`` with the line that breaks the format.
  public init(decoding bytes: [UInt8]) throws(InvalidText) {
    var text = try RecordText(kind: "tag", decoding: bytes)
    store = try text.next("store") { StoreID($0) }
    tag = TagRecord(
      id: TagID(rawValue: try text.nextID("id")),
      name: try text.next("name") { try? TagName($0) },
      history: HistoryID(rawValue: try text.nextID("history")),
      checkpoint: CheckpointID(rawValue: try text.nextID("checkpoint")),
      number: try text.next("number") {
        Int64(canonical: Array($0.utf8)).flatMap(CheckpointNumber.init(rawValue:))
      },
      created: Timestamp(nanoseconds: try text.nextAmount("created")))
    try text.finish()
  }
}
