// SPDX-License-Identifier: Apache-2.0

/// Names of tags, as a shell writes them: `*` stands for any characters, `?` for one.
public struct TagPattern: Hashable, Sendable, CustomStringConvertible {
  private let pattern: [UInt8]

  /// - Throws: ``InvalidName`` when no tag could match.
  public init(_ text: String) throws(InvalidName) {
    pattern = Array(text.utf8)
    // What is left when the wild cards stand for letters must be a name.
    let example = text.map { $0 == "*" || $0 == "?" ? "x" : $0 }
    do {
      _ = try TagName(String(example))
    } catch {
      throw InvalidName(name: text, flaw: error.flaw)
    }
  }

  public var description: String { String(decoding: pattern, as: UTF8.self) }

  public func matches(_ name: TagName) -> Bool {
    let name = Array(name.rawValue.utf8)
    var (at, next) = (0, 0)
    // Where to go on when the last star must take one more.
    var retry: (pattern: Int, name: Int)?
    while next < name.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        retry = (at, next)
        at += 1
      } else if at < pattern.count, pattern[at] == name[next] || pattern[at] == UInt8(ascii: "?") {
        (at, next) = (at + 1, next + 1)
      } else if let (star, start) = retry {
        (at, next) = (star + 1, start + 1)
        retry = (star, start + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
