// SPDX-License-Identifier: Apache-2.0

extension TagName {
  private static let unconfirmedPrefix = "unconfirmed-"

  /// The tag of a checkpoint that is complete, but not yet confirmed by whoever coordinates it with others.
  ///
  /// While it has it, no other checkpoint is based on it, and retention keeps it. `chk-7` has `unconfirmed-7`.
  public static func unconfirmed(_ number: CheckpointNumber) -> TagName {
    TagName(valid: unconfirmedPrefix + String(number.rawValue))
  }
}
