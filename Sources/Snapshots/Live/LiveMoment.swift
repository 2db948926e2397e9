// SPDX-License-Identifier: Apache-2.0

import RocksDB

/// One moment of a live database, as files in a directory of our own.
struct LiveMoment {
  let description: DatabaseDescription
  let logs: LogChain
  let settings: DatabaseSettings
  /// What is not RocksDB's and was left out; sorted.
  let foreign: [String]

  /// The greatest sequence number that it holds, as far as can be told.
  var lastSequence: UInt64 { max(description.lastSequence, logs.lastSequence ?? 0) }
}
