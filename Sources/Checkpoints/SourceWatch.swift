// SPDX-License-Identifier: Apache-2.0

/// Tells when a source may answer otherwise than before.
public protocol SourceWatch: Sendable {
  /// Waits until the source has changed since it was last told of, or since the watch was made.
  ///
  /// It tells of a change well within a second, and may tell of more than there were. To be called by one thread.
  ///
  /// - Parameter limit: how long to wait; `nil` without end.
  /// - Throws: when the source cannot be read now.
  func wait(atMost limit: Duration?) throws(SourceError) -> SourceEvent

  /// Has ``wait(atMost:)`` return from now on; callable from any thread.
  func cancel()
}

/// Why a ``SourceWatch`` waits no longer.
public enum SourceEvent: Hashable, Sendable {
  case changed
  /// It is another than before: nothing that it told is known to hold, even where it looks the same.
  case replaced
  case timedOut
  case cancelled
}
