// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  mutating func optionalKeyedState(
    _ expected: String, depth: Int = 0
  ) throws(MetadataError) -> KeyedStateHandle? {
    let offset = position
    try keep(Self.handleCharge, "state handles")
    switch try integer("the type of \(expected)", as: UInt8.self) {
    case 0: return nil
    case 3: return .keyGroups(try keyGroupsState(isSavepoint: false, hasID: false))
    case 7: return .keyGroups(try keyGroupsState(isSavepoint: true, hasID: false))
    case 12: return .keyGroups(try keyGroupsState(isSavepoint: false, hasID: true))
    case 5: return .incremental(try incrementalState(isSecond: false))
    case 11: return .incremental(try incrementalState(isSecond: true))
    case 8: return .changelog(try changelog(isSecond: false, depth: depth, at: offset))
    case 14: return .changelog(try changelog(isSecond: true, depth: depth, at: offset))
    case 9: return .changelogInMemory(try inlineChanges())
    case 10: return .changelogFiles(try changeFiles(isSecond: false))
    case 13: return .changelogFiles(try changeFiles(isSecond: true))
    case let type:
      throw malformed(
        "\(expected), a keyed state handle of type 0, 3, 5 or 7 to 14", found: "type \(type)",
        at: offset)
    }
  }
}

/// The kinds of keyed state. A second form of a kind has more fields; all releases read both.
extension MetadataCursor {
  private mutating func keyGroupsState(
    isSavepoint: Bool, hasID: Bool
  ) throws(MetadataError) -> KeyGroupsState {
    let (keyGroups, offsets) = try keyGroupOffsets()
    return KeyGroupsState(
      keyGroups: keyGroups, offsets: offsets, delegate: try stream("key groups"),
      isSavepoint: isSavepoint, handleID: hasID ? try handleID() : nil)
  }

  private mutating func incrementalState(
    isSecond: Bool
  ) throws(MetadataError) -> IncrementalState {
    var names: Set<String> = []
    return IncrementalState(
      checkpoint: try integer("the checkpoint of an incremental state"),
      backend: try text("the id of a state backend"), keyGroups: try keyGroups(),
      checkpointedSize: isSecond ? try knownLength("the checkpointed size") : nil,
      meta: try stream("the description of states"),
      shared: try namedFiles("shared files", &names), own: try namedFiles("private files", &names),
      handleID: isSecond ? try handleID() : nil)
  }

  /// - Parameter names: those of the directory's files so far.
  private mutating func namedFiles(
    _ expected: String, _ names: inout Set<String>
  ) throws(MetadataError) -> [NamedFile] {
    var files: [NamedFile] = []
    for _ in 0..<(try count(expected, of: 3)) {
      let offset = position
      let name = try text("the name of a file")
      guard isFileName(name) else {
        throw malformed("the name of a file of RocksDB", found: "'\(escaped(name))'", at: offset)
      }
      guard names.insert(name).inserted else {
        throw malformed(
          "each file of a directory once", found: "'\(escaped(name))' twice", at: offset)
      }
      files.append(NamedFile(name: name, handle: try stream("a file's handle")))
    }
    return files
  }

  private mutating func changelog(
    isSecond: Bool, depth: Int, at offset: UInt64
  ) throws(MetadataError) -> ChangelogState {
    guard depth < Self.maximumDepth else {
      throw malformed(
        "at most \(Self.maximumDepth) handles within one another", found: "more", at: offset)
    }
    let keyGroups = try keyGroups()
    let checkpointedSize = try knownLength("the checkpointed size")
    let materialised = try keyedStates("materialised states", depth: depth + 1)
    let changes = try keyedStates("changes", depth: depth + 1)
    let materialisation: Int64 = try integer("the id of a materialisation")
    return ChangelogState(
      keyGroups: keyGroups, checkpointedSize: checkpointedSize, materialised: materialised,
      changes: changes, materialisation: materialisation,
      checkpoint: isSecond ? try integer("the checkpoint of a changelog") : materialisation,
      handleID: try handleID())
  }

  private mutating func keyedStates(
    _ expected: String, depth: Int
  ) throws(MetadataError) -> [KeyedStateHandle] {
    var states: [KeyedStateHandle] = []
    for _ in 0..<(try count(expected, of: 1)) {
      if let state = try optionalKeyedState("one of the \(expected)", depth: depth) {
        states.append(state)
      }
    }
    return states
  }

  private mutating func inlineChanges() throws(MetadataError) -> InlineChanges {
    let keyGroups = try keyGroups()
    let from: Int64 = try integer("the first sequence number of changes")
    let to: Int64 = try integer("the last sequence number of changes")
    let count = try count("changes", of: 8)
    let start = position
    for _ in 0..<count {
      _ = try integer("the key group of a change", as: Int32.self)
      _ = try sizedRange("a change")
    }
    return InlineChanges(
      keyGroups: keyGroups, from: from, to: to, count: count,
      content: MetadataRange(offset: start, count: position - start), handleID: try handleID())
  }

  private mutating func changeFiles(isSecond: Bool) throws(MetadataError) -> ChangeFiles {
    let keyGroups = try keyGroups()
    var parts: [ChangeFiles.Part] = []
    for _ in 0..<(try count("files of changes", of: 9)) {
      parts.append(
        ChangeFiles.Part(
          offset: try integer("where changes begin"), handle: try stream("a file of changes")))
    }
    return ChangeFiles(
      keyGroups: keyGroups, parts: parts, size: try length("the size of changes"),
      checkpointedSize: try knownLength("the checkpointed size"), handleID: try handleID(),
      storage: isSecond ? try text("the storage of changes") : "filesystem")
  }

  private mutating func handleID() throws(MetadataError) -> String {
    try text("the id of a state handle")
  }
}

/// Whether a directory can hold a file of that name.
private func isFileName(_ name: String) -> Bool {
  let bytes = name.utf8
  return (1...255).contains(bytes.count) && !bytes.contains(UInt8(ascii: "/")) && !bytes.contains(0)
    && name != "." && name != ".."
}

/// For a message of one line.
private func escaped(_ name: String) -> String {
  String(name.unicodeScalars.prefix(64).map { $0.value < 0x20 ? "?" : Character($0) })
}
