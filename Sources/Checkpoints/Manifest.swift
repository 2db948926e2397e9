// SPDX-License-Identifier: Apache-2.0

/// The record of a completed checkpoint outside the catalog: with the pages it names, enough to rebuild
/// a lost catalog (promise P8).
public struct Manifest: Hashable, Sendable {
  public let store: StoreID
  public let checkpoint: CheckpointRecord
  /// The checkpoint's pages in order: those of its own files, then those of shared ones.
  public let pages: [Digest]

  public init(store: StoreID, checkpoint: CheckpointRecord, pages: [Digest]) {
    self.store = store
    self.checkpoint = checkpoint
    self.pages = pages
  }

  public var encoded: [UInt8] {
    var text = RecordText(kind: "checkpoint")
    text.append("store", store)
    text.append("history", checkpoint.history.rawValue)
    text.append("number", checkpoint.number.rawValue)
    text.append("id", checkpoint.id.rawValue)
    text.append("completed", checkpoint.completed.nanoseconds)
    text.append("user", checkpoint.owner.user)
    text.append("group", checkpoint.owner.group)
    text.append("files", checkpoint.files)
    text.append("full-bytes", checkpoint.fullBytes)
    text.append("new-bytes", checkpoint.newBytes)
    for page in pages { text.append("page", page) }
    return text.encoded
  }

  /// - Throws: ``InvalidText`` with the line that breaks the format.
  public init(decoding bytes: [UInt8]) throws(InvalidText) {
    var text = try RecordText(kind: "checkpoint", decoding: bytes)
    store = try text.next("store") { StoreID($0) }
    let history = HistoryID(rawValue: try text.nextID("history"))
    let number = try text.next("number") {
      Int64(canonical: Array($0.utf8)).flatMap(CheckpointNumber.init(rawValue:))
    }
    let id = CheckpointID(rawValue: try text.nextID("id"))
    let completed = Timestamp(nanoseconds: try text.nextAmount("completed"))
    let owner = Ownership(
      user: try text.nextIdentity("user"), group: try text.nextIdentity("group"))
    checkpoint = CheckpointRecord(
      id: id, history: history, number: number, completed: completed, owner: owner,
      files: try text.nextAmount("files"), fullBytes: try text.nextAmount("full-bytes"),
      newBytes: try text.nextAmount("new-bytes"))
    var pages: [Digest] = []
    while !text.rest.fields.isEmpty {
      pages.append(try text.next("page") { Digest(hexadecimal: $0) })
    }
    self.pages = pages
  }
}
