// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

extension KeyedStateHandle {
  func describe(in json: inout JSONWriter) {
    switch self {
    case .keyGroups(let state):
      json.field("type", state.isSavepoint ? "savepoint" : "keyGroups")
      json.field("keyGroups", state.keyGroups.description)
      json.handle("delegate", state.delegate)
    case .incremental(let state): state.describe(in: &json)
    case .changelog(let state): state.describe(in: &json)
    case .changelogInMemory(let changes):
      json.field("type", "changes")
      json.field("keyGroups", changes.keyGroups.description)
      json.field("count", changes.count)
      json.field("size", changes.content.count)
    case .changelogFiles(let files):
      json.field("type", "changeFiles")
      json.field("keyGroups", files.keyGroups.description)
      json.field("storage", files.storage)
      json.field("size", files.size)
      if let size = files.checkpointedSize { json.field("checkpointedSize", size) }
      json.array("parts") { json in
        for part in files.parts {
          json.object { json in
            json.field("offset", part.offset)
            json.handle("handle", part.handle)
          }
        }
      }
    }
  }
}

extension IncrementalState {
  func describe(in json: inout JSONWriter) {
    json.field("type", "incremental")
    json.field("keyGroups", keyGroups.description)
    json.field("checkpointId", checkpoint)
    json.field("backend", backend)
    if let checkpointedSize { json.field("checkpointedSize", checkpointedSize) }
    json.handle("states", meta)
    for (name, files) in [("shared", shared), ("private", own)] {
      json.array(name) { json in
        for file in files {
          json.object { json in
            json.field("name", file.name)
            json.handle("handle", file.handle)
          }
        }
      }
    }
  }
}

extension ChangelogState {
  func describe(in json: inout JSONWriter) {
    json.field("type", "changelog")
    json.field("keyGroups", keyGroups.description)
    json.field("checkpointId", checkpoint)
    json.field("materializationId", materialisation)
    if let checkpointedSize { json.field("checkpointedSize", checkpointedSize) }
    for (name, states) in [("materialized", materialised), ("changes", changes)] {
      json.array(name) { json in
        for state in states { json.object { json in state.describe(in: &json) } }
      }
    }
  }
}

extension JSONWriter {
  mutating func handle(_ key: String, _ handle: StreamHandle) {
    object(key) { json in
      switch handle {
      case .inline(let state):
        json.field("type", "inline")
        json.field("name", state.name)
      case .file(let file):
        json.field("type", "file")
        json.field("path", file.path)
      case .relativeFile(let file):
        json.field("type", "relativeFile")
        json.field("path", file.path)
      case .segment(let segment):
        json.field("type", "segment")
        json.field("path", segment.path)
        json.field("start", segment.start)
        json.field("scope", segment.scope == .shared ? "shared" : "exclusive")
      case .emptySegment: json.field("type", "emptySegment")
      case .keyGroups(let keyGroups, _, let delegate):
        json.field("type", "keyGroups")
        json.field("keyGroups", keyGroups.description)
        json.handle("delegate", delegate)
      }
      json.field("size", handle.size)
    }
  }
}
