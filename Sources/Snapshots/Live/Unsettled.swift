// SPDX-License-Identifier: Apache-2.0

/// Why one try of a live snapshot came to nothing; the next may do better.
struct Unsettled: Error {
  /// What went on, as a clause: "its MANIFEST was rewritten".
  let reason: String
  /// What it is if it stays: the database does not merely change fast.
  let lasting: SnapshotError?

  init(_ reason: String, lasting: SnapshotError? = nil) {
    self.reason = reason
    self.lasting = lasting
  }

  init(lasting error: SnapshotError) { self.init(error.message, lasting: error) }
}
