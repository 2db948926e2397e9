// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Counts writes that skipped the log, so that nobody takes the logs for all that was written.
///
/// A write is counted when it is done, so before whoever wrote can know of it; a flush covers those that were
/// counted before it began. Memtables that RocksDB flushes by itself are not noticed: then a flush too many is the price.
final class UnloggedWrites: Sendable {
  private let written = Atomic<UInt64>(0)
  private let flushed = Atomic<UInt64>(0)

  var areFlushed: Bool {
    flushed.load(ordering: .acquiring) >= written.load(ordering: .acquiring)
  }

  func note(_ log: LogUse) {
    if log == .skipped { written.add(1, ordering: .acquiringAndReleasing) }
  }

  /// Does `body`, which flushes all column families.
  func flushing(_ body: () throws(RocksDBError) -> Void) throws(RocksDBError) {
    let before = written.load(ordering: .acquiring)
    try body()
    flushed.max(before, ordering: .acquiringAndReleasing)
  }
}
