// SPDX-License-Identifier: Apache-2.0

/// The content of the file that makes a directory a store: which one, and of which format.
public struct StoreMarker: Hashable, Sendable {
  /// Why a file is no marker that can be used.
  public enum Flaw: Error, Hashable, Sendable {
    case foreign
    /// Of a format that this program does not know.
    case format(String)
    case anonymous
  }

  public let store: StoreID

  private static let opening = "ckptfs store "
  private static let format = "1"

  public init(_ store: StoreID) {
    self.store = store
  }

  public var encoded: [UInt8] { Array("\(Self.opening)\(Self.format)\nid \(store)\n".utf8) }

  /// Whoever lost a marker may have written it by hand, so lines without text do not matter.
  public init(decoding bytes: [UInt8]) throws(Flaw) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let header = lines.first, header.hasPrefix(Self.opening) else { throw .foreign }
    let format = header.dropFirst(Self.opening.count)
    guard format == Self.format else { throw .format(String(format)) }
    guard lines.count == 2, lines[1].hasPrefix("id "), let store = StoreID(lines[1].dropFirst(3))
    else {
      throw .anonymous
    }
    self.store = store
  }
}
