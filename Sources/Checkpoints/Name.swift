// SPDX-License-Identifier: Apache-2.0

/// A name given by a user to a history, a tag or a shard: one path component of a mount.
///
/// 1–128 ASCII letters, digits, `.`, `_` or `-`, not beginning with `.` or `-`, and none of the names
/// that a mount gives a meaning of its own (`latest`, `tags`, `by-time`, `chk-…`).
public struct Name<Subject>: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let rawValue: String

  /// - Throws: ``InvalidName`` when `rawValue` breaks a rule above.
  public init(_ rawValue: String) throws(InvalidName) {
    if let flaw = Self.flaw(of: rawValue) {
      throw InvalidName(name: rawValue, flaw: flaw)
    }
    self.rawValue = rawValue
  }

  /// A name that keeps the rules above by how it is made.
  init(valid rawValue: String) {
    self.rawValue = rawValue
  }

  public var description: String { rawValue }

  public static func < (lhs: Self, rhs: Self) -> Bool {
    lhs.rawValue.utf8.lexicographicallyPrecedes(rhs.rawValue.utf8)
  }

  private static func flaw(of name: String) -> InvalidName.Flaw? {
    let bytes = name.utf8
    guard let first = bytes.first else { return .empty }
    if bytes.count > 128 { return .tooLong }
    if first == UInt8(ascii: ".") || first == UInt8(ascii: "-") { return .leadingPunctuation }
    if !bytes.allSatisfy(isAllowed) { return .forbiddenCharacter }
    if ["latest", "tags", "by-time"].contains(name) || name.hasPrefix("chk-") { return .reserved }
    return nil
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

/// What a ``Name`` of a history is the name of.
public enum HistorySubject: Sendable {}
/// What a ``Name`` of a tag is the name of.
public enum TagSubject: Sendable {}
/// What a ``Name`` of a shard is the name of.
public enum ShardSubject: Sendable {}

public typealias HistoryName = Name<HistorySubject>
public typealias TagName = Name<TagSubject>
public typealias ShardName = Name<ShardSubject>
