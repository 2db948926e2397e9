// SPDX-License-Identifier: Apache-2.0

/// Writes the fields of a `_metadata` as Java's `DataOutputStream` does.
package struct MetadataBuilder {
  package private(set) var bytes: [UInt8] = []

  /// - Parameter operators: how many follow.
  package init(version: Int32, checkpoint: Int64 = 7, masterStates: Int32 = 0) {
    integer(0x4960_672D as Int32)
    integer(version)
    integer(checkpoint)
    integer(masterStates)
  }

  package init() {}

  package mutating func integer(_ value: some FixedWidthInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  package mutating func byte(_ value: UInt8) { bytes.append(value) }
  package mutating func int(_ value: Int32) { integer(value) }
  package mutating func long(_ value: Int64) { integer(value) }
  package mutating func raw(_ other: [UInt8]) { bytes += other }

  package mutating func text(_ text: String) {
    var units: [UInt8] = []
    for unit in text.utf16 {
      switch unit {
      case 1..<0x80: units.append(UInt8(unit))
      case 0, 0x80..<0x800: units += [0xC0 | UInt8(unit >> 6), 0x80 | UInt8(unit & 0x3F)]
      default:
        units += [
          0xE0 | UInt8(unit >> 12), 0x80 | UInt8(unit >> 6 & 0x3F), 0x80 | UInt8(unit & 0x3F),
        ]
      }
    }
    integer(UInt16(units.count))
    bytes += units
  }

  package mutating func longs(_ values: [Int64]) {
    int(Int32(values.count))
    for value in values { long(value) }
  }

  package mutating func data(_ content: [UInt8]) {
    int(Int32(content.count))
    bytes += content
  }
}

/// Handles.
extension MetadataBuilder {
  package mutating func file(_ path: String, size: Int64) {
    byte(2)
    long(size)
    text(path)
  }

  package mutating func inline(_ name: String, _ content: [UInt8]) {
    byte(1)
    text(name)
    data(content)
  }

  package mutating func keyGroups(_ start: Int32, _ count: Int32) {
    int(start)
    int(count)
  }
}

/// What encloses handles.
extension MetadataBuilder {
  package mutating func operatorHeader(
    version: Int32, id: (UInt64, UInt64) = (1, 2), name: String = "", uid: String = "",
    parallelism: Int32 = 2, maximum: Int32 = 128
  ) {
    if version >= 5 {
      text(name)
      text(uid)
    }
    integer(id.0)
    integer(id.1)
    int(parallelism)
    int(maximum)
    if version == 2 { int(1) }
  }

  /// A subtask with nothing but what `state` writes: managed operator, raw operator, managed keyed,
  /// raw keyed.
  package mutating func subtask(
    _ index: Int32, version: Int32, state: (inout MetadataBuilder) -> Void
  ) {
    int(index)
    if version == 2 {
      long(5)
      int(0)
    }
    state(&self)
    if version >= 3 {
      int(0)
      int(0)
    }
    if version >= 7 { byte(0) }
  }

  /// Ends the file as `version` does.
  package mutating func finish(version: Int32) {
    if version >= 4 { raw([0xAC, 0xED, 0x00, 0x05, 0x70]) }
  }
}

extension MetadataBuilder {
  /// A whole file with one operator of one subtask that has one managed keyed state.
  package static func keyed(version: Int32 = 3, _ state: (inout MetadataBuilder) -> Void) -> [UInt8]
  {
    var builder = MetadataBuilder(version: version)
    builder.int(1)
    builder.operatorHeader(version: version, parallelism: 1)
    if version >= 3 { builder.byte(0) }
    builder.int(1)
    builder.subtask(0, version: version) { builder in
      builder.int(0)
      builder.int(0)
      state(&builder)
      builder.byte(0)
    }
    builder.finish(version: version)
    return builder.bytes
  }
}
