// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What a program wants to know of one of its states when it restores it: where it is kept, and how to read it.
///
/// ckptfs keeps it with the checkpoint and does not interpret it.
public struct StateDescriptor: Hashable, Sendable, Codable {
  /// A property's value; in JSON a string, or `{"base64":…}`.
  public enum Value: Hashable, Sendable {
    case text(String)
    case bytes([UInt8])
  }

  public var name: String
  /// The column family that holds it; several states may share one.
  public var columnFamily: String
  /// Whatever the program needs, such as a type, a version, serializers.
  public var properties: [String: Value]

  public init(
    name: String, columnFamily: String = "default", properties: [String: Value] = [:]
  ) {
    self.name = name
    self.columnFamily = columnFamily
    self.properties = properties
  }
}

extension StateDescriptor.Value: Codable {
  private enum Key: String, CodingKey {
    case base64
  }

  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      self = .text(text)
      return
    }
    let container = try decoder.container(keyedBy: Key.self)
    guard let data = Data(base64Encoded: try container.decode(String.self, forKey: .base64)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .base64, in: container, debugDescription: "it is no base64")
    }
    self = .bytes(Array(data))
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .bytes(let bytes):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(Data(bytes).base64EncodedString(), forKey: .base64)
    }
  }
}

extension StateDescriptor.Value: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = .text(text) }
}
