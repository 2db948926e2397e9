// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Keeps this process from opening a database while it looks at a LOCK file.
///
/// Between the check that LOCK is not open in this process and the close of the descriptor that
/// probed it, RocksDB could open it, and the close would release RocksDB's lock.
enum LockFileGate {
  private static let gate = Mutex<Void>(())

  static func withLock<T: ~Copyable, E: Error>(
    _ body: () throws(E) -> sending T
  ) throws(E) -> sending T {
    try gate.withLock { _ throws(E) in try body() }
  }
}
