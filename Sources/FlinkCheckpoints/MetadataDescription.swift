// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

/// `metadata.json`: a `_metadata` as people can read it. State that is inline is told, not shown.
enum MetadataDescription {
  static let fileName = "metadata.json"

  static func size(of bytes: any MetadataBytes) throws(MetadataError) -> UInt64 {
    UInt64(try text(of: bytes).count)
  }

  static func text(of bytes: any MetadataBytes) throws(MetadataError) -> [UInt8] {
    var reader = try MetadataReader(bytes)
    var json = JSONWriter()
    try json.object { json throws(MetadataError) in
      json.field("version", reader.version.rawValue)
      json.field("checkpointId", reader.checkpoint)
      if !reader.masterStates.isEmpty {
        json.array("masterStates") { json in
          for state in reader.masterStates { state.describe(in: &json) }
        }
      }
      try json.array("operators") { json throws(MetadataError) in
        while let header = try reader.nextOperator() {
          try json.object { json throws(MetadataError) in
            header.describe(in: &json)
            try describeSubtasks(&reader, in: &json)
          }
        }
      }
      try reader.finish()?.describe(in: &json)
    }
    json.end()
    return json.bytes
  }

  private static func describeSubtasks(
    _ reader: inout MetadataReader, in json: inout JSONWriter
  ) throws(MetadataError) {
    try json.array("subtasks") { json throws(MetadataError) in
      while let subtask = try reader.nextSubtask() { subtask.describe(in: &json) }
    }
  }
}
