// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

extension KeyGroupRange: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension KeyedStateHandle: Encodable {
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .keyGroups(let state): try state.encode(to: encoder)
    case .incremental(let state): try state.encode(to: encoder)
    case .changelog(let state): try state.encode(to: encoder)
    case .changelogInMemory(let changes): try changes.encode(to: encoder)
    case .changelogFiles(let files): try files.encode(to: encoder)
    }
  }
}

extension KeyGroupsState: Encodable {
  private enum CodingKeys: CodingKey { case type, keyGroups, delegate }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(isSavepoint ? "savepoint" : "keyGroups", forKey: .type)
    try container.encode(keyGroups, forKey: .keyGroups)
    try container.encode(delegate, forKey: .delegate)
  }
}

extension IncrementalState: Encodable {
  private enum CodingKeys: String, CodingKey {
    case type, keyGroups, checkpointId, backend, checkpointedSize, states, shared
    case own = "private"
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("incremental", forKey: .type)
    try container.encode(keyGroups, forKey: .keyGroups)
    try container.encode(checkpoint, forKey: .checkpointId)
    try container.encode(backend, forKey: .backend)
    try container.encodeIfPresent(checkpointedSize, forKey: .checkpointedSize)
    try container.encode(meta, forKey: .states)
    try container.encode(shared, forKey: .shared)
    try container.encode(own, forKey: .own)
  }
}

/// Its name, and where its bytes are, in one object: there may be very many.
extension NamedFile: Encodable {
  private enum CodingKeys: CodingKey { case name }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try handle.encode(to: encoder)
  }
}

extension ChangelogState: Encodable {
  private enum CodingKeys: CodingKey {
    case type, keyGroups, checkpointId, materializationId, checkpointedSize, materialized, changes
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("changelog", forKey: .type)
    try container.encode(keyGroups, forKey: .keyGroups)
    try container.encode(checkpoint, forKey: .checkpointId)
    try container.encode(materialisation, forKey: .materializationId)
    try container.encodeIfPresent(checkpointedSize, forKey: .checkpointedSize)
    try container.encode(materialised, forKey: .materialized)
    try container.encode(changes, forKey: .changes)
  }
}

extension InlineChanges: Encodable {
  private enum CodingKeys: CodingKey { case type, keyGroups, count, size }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("changes", forKey: .type)
    try container.encode(keyGroups, forKey: .keyGroups)
    try container.encode(count, forKey: .count)
    try container.encode(content.count, forKey: .size)
  }
}

extension ChangeFiles: Encodable {
  private enum CodingKeys: CodingKey {
    case type, keyGroups, storage, size, checkpointedSize, parts
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode("changeFiles", forKey: .type)
    try container.encode(keyGroups, forKey: .keyGroups)
    try container.encode(storage, forKey: .storage)
    try container.encode(size, forKey: .size)
    try container.encodeIfPresent(checkpointedSize, forKey: .checkpointedSize)
    try container.encode(parts, forKey: .parts)
  }
}

extension ChangeFiles.Part: Encodable {
  private enum CodingKeys: CodingKey { case offset, handle }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(offset, forKey: .offset)
    try container.encode(handle, forKey: .handle)
  }
}

extension StreamHandle: Encodable {
  private enum CodingKeys: CodingKey {
    case type, handleName, path, start, scope, keyGroups, delegate, size
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(size, forKey: .size)
    switch self {
    case .inline(let state):
      try container.encode("inline", forKey: .type)
      try container.encode(state.name, forKey: .handleName)
    case .file(let file):
      try container.encode("file", forKey: .type)
      try container.encode(file.path, forKey: .path)
    case .relativeFile(let file):
      try container.encode("relativeFile", forKey: .type)
      try container.encode(file.path, forKey: .path)
    case .segment(let segment):
      try container.encode("segment", forKey: .type)
      try container.encode(segment.path, forKey: .path)
      try container.encode(segment.start, forKey: .start)
      try container.encode(segment.scope == .shared ? "shared" : "exclusive", forKey: .scope)
    case .emptySegment: try container.encode("emptySegment", forKey: .type)
    case .keyGroups(let keyGroups, _, let delegate):
      try container.encode("keyGroups", forKey: .type)
      try container.encode(keyGroups, forKey: .keyGroups)
      try container.encode(delegate, forKey: .delegate)
    }
  }
}
