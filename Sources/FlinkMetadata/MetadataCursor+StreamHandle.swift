// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  /// How many handles may lie within one another; Flink writes three.
  static let maximumDepth = 8
  /// What one handle takes in memory, about, beside its texts.
  static let handleCharge = 128

  /// A handle that has to be there.
  mutating func stream(
    _ expected: String, depth: Int = 0
  ) throws(MetadataError) -> StreamHandle {
    let offset = position
    guard let handle = try optionalStream(expected, depth: depth) else {
      throw malformed(expected, found: "none", at: offset)
    }
    return handle
  }

  mutating func optionalStream(
    _ expected: String, depth: Int = 0
  ) throws(MetadataError) -> StreamHandle? {
    let offset = position
    try keep(Self.handleCharge, "state handles")
    switch try integer("the type of \(expected)", as: UInt8.self) {
    case 0: return nil
    case 1: return .inline(try inlineState())
    case 2: return .file(try file())
    case 3:
      guard depth < Self.maximumDepth else {
        throw malformed(
          "at most \(Self.maximumDepth) handles within one another", found: "more", at: offset)
      }
      let (keyGroups, offsets) = try keyGroupOffsets()
      return .keyGroups(keyGroups, offsets, try stream(expected, depth: depth + 1))
    case 6: return .relativeFile(try relativeFile())
    case 15: return .segment(try segment())
    case 16: return .emptySegment
    case let type:
      throw malformed(
        "\(expected), a stream handle of type 0, 1, 2, 3, 6, 15 or 16", found: "type \(type)",
        at: offset)
    }
  }

  private mutating func inlineState() throws(MetadataError) -> InlineState {
    InlineState(
      name: try text("the name of inline state"), content: try sizedRange("inline state"))
  }

  private mutating func file() throws(MetadataError) -> StateFile {
    let size = try length("the size of a file")
    return StateFile(path: try text("the path of a file"), size: size)
  }

  private mutating func relativeFile() throws(MetadataError) -> RelativeStateFile {
    RelativeStateFile(
      path: try text("the relative path of a file"), size: try length("the size of a file"))
  }

  private mutating func segment() throws(MetadataError) -> FileSegment {
    let offset = position
    let start = try length("the start of a segment")
    let size = try length("the size of a segment")
    guard start <= UInt64(Int64.max) - size else {
      throw malformed(
        "a segment that ends within 2^63 bytes", found: "\(size) bytes from \(start)", at: offset)
    }
    let scopeOffset = position
    let number: Int32 = try integer("the scope of a segment")
    guard let scope = FileSegment.Scope(rawValue: number) else {
      throw malformed("the scope of a segment (0 or 1)", found: number, at: scopeOffset)
    }
    return FileSegment(
      path: try text("the path of a merged file"), start: start, size: size, scope: scope,
      logicalFile: try text("the id of a segment"))
  }
}

/// Key groups.
extension MetadataCursor {
  mutating func keyGroups() throws(MetadataError) -> KeyGroupRange {
    KeyGroupRange(
      start: try natural("the first key group"), count: try natural("the number of key groups"))
  }

  mutating func keyGroupOffsets() throws(MetadataError) -> (KeyGroupRange, OffsetList) {
    let keyGroups = try keyGroups()
    return (keyGroups, try offsets(keyGroups.count, "the offsets of key groups"))
  }
}
