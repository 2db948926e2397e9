// SPDX-License-Identifier: Apache-2.0

/// The record of a history's name outside the catalog.
public struct HistoryManifest: Hashable, Sendable {
  public let store: StoreID
  public let id: HistoryID
  public let name: HistoryName

  public init(store: StoreID, id: HistoryID, name: HistoryName) {
    self.store = store
    self.id = id
    self.name = name
  }

  public var encoded: [UInt8] {
    var text = RecordText(kind: "history")
    text.append("store", store)
    text.append("id", id.rawValue)
    text.append("name", name)
    return text.encoded
  }

  /// - Throws: ``InvalidText`` with the line that breaks the format.
  public init(decoding bytes: [UInt8]) throws(InvalidText) {
    var text = try RecordText(kind: "history", decoding: bytes)
    store = try text.next("store") { StoreID($0) }
    id = HistoryID(rawValue: try text.nextID("id"))
    name = try text.next("name") { try? HistoryName($0) }
    try text.finish()
  }
}
