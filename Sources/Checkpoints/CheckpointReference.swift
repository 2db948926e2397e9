// SPDX-License-Identifier: Apache-2.0

/// One checkpoint, written as in a mount: `orders/chk-42`.
public struct CheckpointReference: Hashable, Sendable, CustomStringConvertible {
  public let history: HistoryName
  public let number: CheckpointNumber

  public init(history: HistoryName, number: CheckpointNumber) {
    self.history = history
    self.number = number
  }

  public var description: String { "\(history)/\(number.directoryName)" }
}
