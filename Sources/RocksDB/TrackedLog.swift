// SPDX-License-Identifier: Apache-2.0

/// A write-ahead log that the MANIFEST vouches for.
///
/// Only databases with `track_and_verify_wals_in_manifest` record their logs, and of these only
/// logs that are closed: the newest log is never among them.
package struct TrackedLog: Hashable, Sendable {
  package let number: FileNumber
  /// The file has at least this many bytes; nil when it was never synced and may be absent.
  package let syncedSize: UInt64?

  package var name: String { number.logName }
}
