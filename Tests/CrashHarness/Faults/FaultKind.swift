// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A way in which a call on a file fails.
package enum FaultKind: String, CaseIterable, Sendable {
  case noSpace = "ENOSPC"
  case overQuota = "EDQUOT"
  case brokenDevice = "EIO"
  case readOnly = "EROFS"
  case tooManyFiles = "EMFILE"
  /// Half of what was to be read or written is.
  case shortTransfer = "short"
  case interrupted = "EINTR"

  /// The errno; 0 for what is no error.
  var error: Int32 {
    switch self {
    case .noSpace: ENOSPC
    case .overQuota: EDQUOT
    case .brokenDevice: EIO
    case .readOnly: EROFS
    case .tooManyFiles: EMFILE
    case .shortTransfer: 0
    case .interrupted: EINTR
    }
  }

  /// The calls that can fail so.
  var calls: CallClasses {
    switch self {
    case .noSpace, .overQuota: [.openToCreate, .name, .write, .sync]
    case .brokenDevice: .all
    case .readOnly: [.openToWrite, .openToCreate, .name, .remove, .write, .attribute]
    case .tooManyFiles: [.openToRead, .openToWrite, .openToCreate]
    case .shortTransfer: [.read, .write]
    case .interrupted: [.openToRead, .openToWrite, .openToCreate, .read, .write]
    }
  }

  /// Whether all calls from one on can fail so. A call that is interrupted is made again, by SQLite and RocksDB until it is not.
  var canPersist: Bool { self != .interrupted }

  /// Whether a program goes on after it as if nothing had been.
  var isHarmless: Bool { self == .shortTransfer || self == .interrupted }
}

/// The classes of calls that the layer in CFaultLayer tells apart, by its numbers.
package struct CallClasses: OptionSet {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  package static let openToRead = CallClasses(rawValue: 1)
  package static let openToWrite = CallClasses(rawValue: 2)
  package static let openToCreate = CallClasses(rawValue: 4)
  package static let name = CallClasses(rawValue: 8)
  package static let remove = CallClasses(rawValue: 16)
  package static let read = CallClasses(rawValue: 32)
  package static let write = CallClasses(rawValue: 64)
  package static let sync = CallClasses(rawValue: 128)
  package static let attribute = CallClasses(rawValue: 4096)
  package static let all = CallClasses(rawValue: (1 << 14) - 1)
}
