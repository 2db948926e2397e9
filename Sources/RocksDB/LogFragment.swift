// SPDX-License-Identifier: Apache-2.0

/// What the type byte of a physical record says about its place in the logical record.
package enum LogFragment: Equatable, Sendable {
  case full
  case first
  case middle
  case last
  /// The compression of the records that follow.
  case compression
  /// About the log itself (timestamp sizes, the log before it, or of a later version and marked as
  /// safe to ignore): not part of any record.
  case metadata
  case unknown

  /// Types of this bit may be skipped by a reader that does not know them.
  private static let ignorable: UInt8 = 1 << 7

  init(type: UInt8) {
    switch type {
    case 1, 5: self = .full
    case 2, 6: self = .first
    case 3, 7: self = .middle
    case 4, 8: self = .last
    case 9: self = .compression
    case 10, 11: self = .metadata
    default: self = type & Self.ignorable != 0 ? .metadata : .unknown
    }
  }

  /// Whether a record of `type` carries the number of its log, as records of reused files do.
  package static func isRecyclable(type: UInt8) -> Bool {
    (5...8).contains(type) || (type >= 10 && type & 1 == 1)
  }
}
