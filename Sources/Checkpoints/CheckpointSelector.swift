// SPDX-License-Identifier: Apache-2.0

/// How a user names a checkpoint: `orders/chk-42`, `orders/latest`, `orders/tags/before-upgrade` or
/// `orders/by-time/2026-11-22T101500Z-chk-42`.
public struct CheckpointSelector: Hashable, Sendable, CustomStringConvertible {
  public enum Point: Hashable, Sendable {
    case number(CheckpointNumber)
    case latest
    case tag(TagName)
    /// A name of the `by-time` directory; it ends in the checkpoint's number.
    case time(String)
  }

  public let history: HistoryName
  public let point: Point

  public init(history: HistoryName, point: Point) {
    self.history = history
    self.point = point
  }

  /// - Throws: ``InvalidSelector`` when `text` has none of the forms above.
  public init(_ text: String) throws(InvalidSelector) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, let history = try? HistoryName(String(parts[0])) else {
      throw InvalidSelector(text: text)
    }
    self.history = history
    switch (parts.count, parts[1]) {
    case (2, "latest"): point = .latest
    case (2, let name):
      guard let number = CheckpointNumber(directoryName: name) else {
        throw InvalidSelector(text: text)
      }
      point = .number(number)
    case (3, "tags"):
      guard let tag = try? TagName(String(parts[2])) else { throw InvalidSelector(text: text) }
      point = .tag(tag)
    case (3, "by-time"):
      guard TimeName(String(parts[2])) != nil else { throw InvalidSelector(text: text) }
      point = .time(String(parts[2]))
    default: throw InvalidSelector(text: text)
    }
  }

  public var description: String {
    switch point {
    case .number(let number): "\(history)/\(number.directoryName)"
    case .latest: "\(history)/latest"
    case .tag(let tag): "\(history)/tags/\(tag)"
    case .time(let name): "\(history)/by-time/\(name)"
    }
  }
}

/// A string that names no checkpoint.
public struct InvalidSelector: Error, Hashable, Sendable, CustomStringConvertible {
  public let text: String
  public var description: String {
    "'\(text)' names no checkpoint: write HISTORY/chk-N, HISTORY/latest, HISTORY/tags/NAME or "
      + "HISTORY/by-time/NAME"
  }
}
