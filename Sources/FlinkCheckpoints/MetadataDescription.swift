// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

/// `metadata.json`: a `_metadata` as people can read it. State that is inline is told, not shown.
///
/// It is encoded one subtask at a time, so that a large one never is a tree in memory.
enum MetadataDescription {
  static let fileName = "metadata.json"

  /// In bytes.
  static func size(of bytes: any MetadataBytes) throws(MetadataError) -> UInt64 {
    var size: UInt64 = 0
    try describe(bytes) { size += UInt64($0.count) }
    return size
  }

  static func text(of bytes: any MetadataBytes) throws(MetadataError) -> [UInt8] {
    var text: [UInt8] = []
    try describe(bytes) { text += $0 }
    return text
  }

  private static func describe(
    _ bytes: any MetadataBytes, to output: ([UInt8]) -> Void
  ) throws(MetadataError) {
    // What kind of checkpoint it is stands at its end, and is what a reader wants to know first.
    var ahead = try MetadataReader(bytes)
    let properties = try ahead.finish()
    var reader = try MetadataReader(bytes)
    var json = JSONPieces()
    json.begin(MetadataSummary(reader, properties), listing: "operators")
    while let header = try reader.nextOperator() {
      json.begin(header, listing: "subtasks")
      while let subtask = try reader.nextSubtask() {
        json.add(subtask)
        output(json.take())
      }
      json.end()
    }
    json.end()
    output(json.take())
  }
}

/// What a `_metadata` tells beside its operators.
private struct MetadataSummary: Encodable {
  let version: Int32
  let checkpointId: Int64
  let kind: String?
  let format: String?
  let sharing: String?
  let masterStates: [MasterState]?

  init(_ reader: MetadataReader, _ properties: CheckpointProperties?) {
    version = reader.version.rawValue
    checkpointId = reader.checkpoint
    switch properties?.kind {
    case nil: (kind, format) = (nil, nil)
    case .checkpoint: (kind, format) = ("checkpoint", nil)
    case .savepoint(let name): (kind, format) = ("savepoint", name)
    }
    sharing = properties?.sharing
    masterStates = reader.masterStates.isEmpty ? nil : reader.masterStates
  }
}
