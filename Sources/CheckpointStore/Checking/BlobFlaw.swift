// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog

/// How a blob's file differs from its record.
enum BlobFlaw: Hashable, Sendable, CustomStringConvertible {
  case missing
  /// A repair found it bad and moved it out of the way; nothing was found that holds its content.
  case quarantined
  case notRegular
  case size(found: UInt64, recorded: UInt64)
  case modified
  /// Only reading it all shows this; from then on the catalog knows.
  case content
  /// It cannot be read to its end.
  case unreadable(String)

  /// - Returns: `nil` when the file looks as recorded.
  init?(_ status: BlobStatus, of blob: BlobRecord) {
    guard status.isRegular else {
      self = .notRegular
      return
    }
    guard status.size == blob.size else {
      self = .size(found: status.size, recorded: blob.size)
      return
    }
    guard status.modified == blob.modified else {
      self = .modified
      return
    }
    guard !blob.isCondemned else {
      self = .content
      return
    }
    return nil
  }

  /// Whether only the content, from somewhere else, puts it right.
  var asksForContent: Bool {
    switch self {
    case .missing, .quarantined, .notRegular, .size, .content, .unreadable: true
    case .modified: false
    }
  }

  /// Whether the file is known to be of no use to anybody.
  var isBadForCertain: Bool {
    switch self {
    case .notRegular, .size, .content: true
    // Of what cannot be read to its end, some can be.
    case .missing, .quarantined, .modified, .unreadable: false
    }
  }

  /// What was wrong, when it is right again.
  var repaired: String {
    switch self {
    case .modified:
      "was written to since it was stored; its content is right, and it has its recorded time again"
    case .content: "had another content than its name says, and was written anew"
    case .quarantined: "had been moved to quarantine, and was written anew"
    default: "\(self), and was written anew"
    }
  }

  var description: String {
    switch self {
    case .missing: "is missing"
    case .quarantined: "was found bad and lies in quarantine"
    case .notRegular: "is no regular file"
    case .size(let found, let recorded): "has \(found) bytes instead of \(recorded)"
    case .modified:
      "was written to since it was stored ('ckptfs fsck --repair' accepts it if its content is still right)"
    case .content: "has another content than its name says"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }
}
