// SPDX-License-Identifier: Apache-2.0

/// A name of the `by-time` directory: `2026-11-22T101500Z-chk-42`, in UTC to the second.
public struct TimeName: Hashable, Sendable, CustomStringConvertible {
  public let number: CheckpointNumber
  public let description: String

  public init(completed: Timestamp, number: CheckpointNumber) {
    self.number = number
    description = "\(CivilTime(completed).compact)-\(number.directoryName)"
  }

  /// Takes a name apart without judging whether a checkpoint completed then.
  public init?(_ text: String) {
    guard let mark = text.firstIndex(of: "Z"),
      let number = CheckpointNumber(directoryName: text[mark...].dropFirst(2)),
      text[mark...].dropFirst().first == "-"
    else { return nil }
    self.number = number
    description = text
  }
}
