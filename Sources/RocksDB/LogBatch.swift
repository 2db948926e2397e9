// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// What one record of a write-ahead log says of itself: changes that were written together.
///
/// Format: sequence number of the first change (8 bytes, little endian), number of changes (4), then the
/// changes, each a kind (1), for some kinds a column family (varint32), and its fields. See
/// db/write_batch.cc.
package struct LogBatch: Hashable, Sendable {
  /// Sequence numbers have 56 bits.
  package static let maximumSequence: UInt64 = (1 << 56) - 1

  package let sequence: UInt64
  /// How many sequence numbers it takes: 0 where it is a note only.
  package let count: UInt32
  /// Whether it is a part of a transaction that is committed by a later record.
  package private(set) var isTwoPhase = false
  /// Whether all of its changes are of kinds that this reader knows; if not, `count` is not proved.
  package private(set) var isUnderstood = true

  /// The sequence number after its last.
  package var end: UInt64 { sequence + UInt64(count) }

  /// - Throws: `.corrupt` when no RocksDB writes such a record.
  package init(decoding record: LogRecord, of file: FilePath) throws(RocksDirectoryError) {
    var cursor = RecordCursor(record, of: file)
    sequence = try cursor.fixed64("a batch's sequence number")
    count = try cursor.fixed32("a batch's count")
    guard sequence <= Self.maximumSequence, UInt64(count) <= Self.maximumSequence - sequence else {
      throw cursor.corrupt("a batch's sequence number is too large")
    }
    try checkChanges(&cursor)
  }

  private mutating func checkChanges(_ cursor: inout RecordCursor) throws(RocksDirectoryError) {
    var changes: UInt64 = 0
    while !cursor.isAtEnd {
      guard let kind = BatchChange(rawValue: try cursor.byte("a change's kind")) else {
        isUnderstood = false
        return
      }
      if kind.isTwoPhase { isTwoPhase = true }
      if kind.hasColumnFamily { _ = try cursor.varint32("a change's column family") }
      for _ in 0..<kind.fields { try cursor.skipField("a change's field") }
      if kind.isCounted { changes += 1 }
    }
    guard changes == UInt64(count) else {
      throw cursor.corrupt("a batch has \(changes) changes, and says \(count)")
    }
  }
}
