// SPDX-License-Identifier: Apache-2.0

/// A string that cannot name a history, a tag or a shard, and why.
public struct InvalidName: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Flaw: Hashable, Sendable {
    case empty
    case tooLong
    case leadingPunctuation
    case forbiddenCharacter
    case reserved
  }

  public let name: String
  public let flaw: Flaw

  public var description: String {
    let rule =
      switch flaw {
      case .empty: "it is empty"
      case .tooLong: "it is longer than 128 characters"
      case .leadingPunctuation: "it begins with '.' or '-'"
      case .forbiddenCharacter: "only letters, digits, '.', '_' and '-' are allowed"
      case .reserved: "'latest', 'tags', 'by-time' and 'chk-…' have a meaning of their own"
      }
    return "'\(name)' is no valid name: \(rule)"
  }
}
