// SPDX-License-Identifier: Apache-2.0

/// The kinds of changes in a batch, as in RocksDB's db/dbformat.h up to version 10.
enum BatchChange: UInt8 {
  case deletion = 0x0
  case value = 0x1
  case merge = 0x2
  /// A note of the application: kept in the log only.
  case logData = 0x3
  case familyDeletion = 0x4
  case familyValue = 0x5
  case familyMerge = 0x6
  case singleDeletion = 0x7
  case familySingleDeletion = 0x8
  case beginPrepare = 0x9
  case endPrepare = 0xA
  case commit = 0xB
  case rollback = 0xC
  /// Room for what a transaction may become.
  case nothing = 0xD
  case familyRangeDeletion = 0xE
  case rangeDeletion = 0xF
  case familyBlobIndex = 0x10
  case blobIndex = 0x11
  case beginPersistedPrepare = 0x12
  case beginUnprepare = 0x13
  case commitWithTimestamp = 0x15
  case wideColumns = 0x16
  case familyWideColumns = 0x17
  case preferredSequence = 0x18
  case familyPreferredSequence = 0x19

  var hasColumnFamily: Bool {
    switch self {
    case .familyDeletion, .familyValue, .familyMerge, .familySingleDeletion, .familyRangeDeletion,
      .familyBlobIndex, .familyWideColumns, .familyPreferredSequence:
      true
    default: false
    }
  }

  /// How many fields follow, each its length as varint32 and its bytes.
  var fields: Int {
    switch self {
    case .nothing, .beginPrepare, .beginPersistedPrepare, .beginUnprepare: 0
    case .deletion, .familyDeletion, .singleDeletion, .familySingleDeletion, .logData, .endPrepare,
      .commit, .rollback:
      1
    default: 2
    }
  }

  /// Whether it takes a sequence number.
  var isCounted: Bool { !isTwoPhase && self != .logData && self != .nothing }

  var isTwoPhase: Bool {
    switch self {
    case .beginPrepare, .endPrepare, .commit, .rollback, .beginPersistedPrepare, .beginUnprepare,
      .commitWithTimestamp:
      true
    default: false
    }
  }
}
