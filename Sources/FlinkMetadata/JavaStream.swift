// SPDX-License-Identifier: Apache-2.0

/// Reads one object from a Java serialization stream: how Flink writes a checkpoint's properties.
///
/// The grammar is chapter 6 of the Java Object Serialization Specification. Nothing of Java is needed
/// to skip what is unknown, since classes describe themselves.
struct JavaStream {
  private enum Mark {
    static let null: UInt8 = 0x70
    static let reference: UInt8 = 0x71
    static let classDescription: UInt8 = 0x72
    static let object: UInt8 = 0x73
    static let string: UInt8 = 0x74
    static let array: UInt8 = 0x75
    static let blockData: UInt8 = 0x77
    static let endOfBlockData: UInt8 = 0x78
    static let enumeration: UInt8 = 0x7E
  }

  /// What was read and may be referred to, by number.
  private enum Known {
    case value(JavaValue)
    /// With the classes above it, the uppermost first.
    case classes([JavaClass])
  }

  private static let header: UInt32 = 0xACED_0005
  private static let firstReference: Int32 = 0x7E_0000
  private static let maximumDepth = 32

  private(set) var cursor: MetadataCursor
  private var known: [Known] = []
  private var depth = 0

  init(_ cursor: MetadataCursor) throws(JavaStreamError) {
    self.cursor = cursor
    let offset = cursor.position
    guard try integer(as: UInt32.self) == Self.header else {
      throw .metadata(
        cursor.malformed(
          "the properties of the checkpoint, which begin with aced0005", found: "another mark",
          at: offset))
    }
  }

  mutating func value() throws(JavaStreamError) -> JavaValue {
    try value(marked: try integer())
  }

  private mutating func value(marked mark: UInt8) throws(JavaStreamError) -> JavaValue {
    guard depth < Self.maximumDepth else { throw .unfamiliar }
    depth += 1
    defer { depth -= 1 }
    switch mark {
    case Mark.null: return .null
    case Mark.reference:
      guard case .value(let value) = try reference() else { throw .unfamiliar }
      return value
    case Mark.string:
      let string = JavaValue.string(try text())
      known.append(.value(string))
      return string
    case Mark.enumeration: return try enumeration()
    case Mark.object: return try object()
    default: throw .unfamiliar
    }
  }

  private mutating func reference() throws(JavaStreamError) -> Known {
    let index = Int(try integer(as: Int32.self)) - Int(Self.firstReference)
    guard known.indices.contains(index) else { throw .unfamiliar }
    return known[index]
  }

  private mutating func enumeration() throws(JavaStreamError) -> JavaValue {
    _ = try classes()
    let index = known.count
    known.append(.value(.other))
    guard case .string(let constant) = try value() else { throw .unfamiliar }
    known[index] = .value(.enumeration(constant: constant))
    return .enumeration(constant: constant)
  }

  private mutating func object() throws(JavaStreamError) -> JavaValue {
    let classes = try classes()
    guard let name = classes.last?.name else { throw .unfamiliar }
    let index = known.count
    known.append(.value(.other))
    var fields: [String: JavaValue] = [:]
    for described in classes {
      for field in described.fields { fields[field.name] = try content(of: field) }
      if described.hasAnnotation { try skipAnnotation() }
    }
    known[index] = .value(.object(class: name, fields: fields))
    return .object(class: name, fields: fields)
  }

  private mutating func content(of field: JavaClass.Field) throws(JavaStreamError) -> JavaValue {
    // A class that is described once may have many objects: its fields count for each.
    try reading { cursor throws(MetadataError) in try cursor.keep(128, "properties") }
    guard let size = field.primitiveSize else { return try value() }
    try skip(size)
    return .other
  }

  private mutating func skipAnnotation() throws(JavaStreamError) {
    while true {
      switch try integer(as: UInt8.self) {
      case Mark.endOfBlockData: return
      case Mark.blockData: try skip(UInt64(try integer(as: UInt8.self)))
      case let mark: _ = try value(marked: mark)
      }
    }
  }
}

/// Classes.
extension JavaStream {
  private static let hasWriteMethod: UInt8 = 1
  private static let isExternalizable: UInt8 = 4

  private mutating func classes() throws(JavaStreamError) -> [JavaClass] {
    guard depth < Self.maximumDepth else { throw .unfamiliar }
    depth += 1
    defer { depth -= 1 }
    switch try integer(as: UInt8.self) {
    case Mark.null: return []
    case Mark.reference:
      guard case .classes(let classes) = try reference() else { throw .unfamiliar }
      return classes
    case Mark.classDescription:
      let name = try text()
      _ = try integer(as: Int64.self)
      let index = known.count
      known.append(.classes([]))
      let flags: UInt8 = try integer()
      guard flags & Self.isExternalizable == 0 else { throw .unfamiliar }
      let fields = try fields()
      try skipAnnotation()
      let described = JavaClass(
        name: name, fields: fields, hasAnnotation: flags & Self.hasWriteMethod != 0)
      let classes = try classes() + [described]
      known[index] = .classes(classes)
      return classes
    default: throw .unfamiliar
    }
  }

  private mutating func fields() throws(JavaStreamError) -> [JavaClass.Field] {
    var fields: [JavaClass.Field] = []
    for _ in 0..<(try integer(as: UInt16.self)) {
      let type: UInt8 = try integer()
      let name = try text()
      let size: UInt64?
      switch type {
      case UInt8(ascii: "Z"), UInt8(ascii: "B"): size = 1
      case UInt8(ascii: "S"), UInt8(ascii: "C"): size = 2
      case UInt8(ascii: "I"), UInt8(ascii: "F"): size = 4
      case UInt8(ascii: "J"), UInt8(ascii: "D"): size = 8
      case UInt8(ascii: "L"), UInt8(ascii: "["):
        _ = try value()  // the name of its type
        size = nil
      default: throw .unfamiliar
      }
      fields.append(JavaClass.Field(name: name, primitiveSize: size))
    }
    return fields
  }
}

/// Fields of the stream.
extension JavaStream {
  private static let expected = "the properties of the checkpoint"

  private mutating func integer<Value: FixedWidthInteger>(
    as: Value.Type = Value.self
  ) throws(JavaStreamError) -> Value {
    try reading { cursor throws(MetadataError) in try cursor.integer(Self.expected) }
  }

  private mutating func text() throws(JavaStreamError) -> String {
    try reading { cursor throws(MetadataError) in try cursor.text(Self.expected) }
  }

  private mutating func skip(_ count: UInt64) throws(JavaStreamError) {
    _ = try reading { cursor throws(MetadataError) in try cursor.range(count, Self.expected) }
  }

  private mutating func reading<Value>(
    _ body: (inout MetadataCursor) throws(MetadataError) -> Value
  ) throws(JavaStreamError) -> Value {
    do throws(MetadataError) {
      return try body(&cursor)
    } catch {
      throw .metadata(error)
    }
  }
}
