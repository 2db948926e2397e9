// SPDX-License-Identifier: Apache-2.0

/// Beyond which ids a catalog that was made anew gives its own.
///
/// What a lost catalog gave and dropped is written nowhere, so a new one leaves out a stretch of ids. Where it began is
/// kept beside it: the one after it begins beyond that, too, even if nothing of what this one gave is left.
public struct RebuiltIDs: Hashable, Sendable {
  public let history: HistoryID
  public let tag: TagID
  public let checkpoint: CheckpointID
  public let content: Incarnation

  public init(
    history: HistoryID, tag: TagID, checkpoint: CheckpointID, content: Incarnation
  ) {
    self.history = history
    self.tag = tag
    self.checkpoint = checkpoint
    self.content = content
  }

  public var encoded: [UInt8] {
    var text = RecordText(kind: "ids")
    text.append("history", history.rawValue)
    text.append("tag", tag.rawValue)
    text.append("checkpoint", checkpoint.rawValue)
    text.append("content", content.rawValue)
    return text.encoded
  }

  /// - Throws: ``InvalidText`` with the line that breaks the format.
  public init(decoding bytes: [UInt8]) throws(InvalidText) {
    var text = try RecordText(kind: "ids", decoding: bytes)
    history = HistoryID(rawValue: try text.nextID("history"))
    tag = TagID(rawValue: try text.nextID("tag"))
    checkpoint = CheckpointID(rawValue: try text.nextID("checkpoint"))
    content = Incarnation(rawValue: try text.nextAmount("content"))
    try text.finish()
  }
}
