// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SystemPackage

/// Tells when something is written, made, renamed or removed directly in a directory, by inotify(7).
///
/// What is changed through a mapping is not told. To be used by one thread, but for ``cancel()``.
public final class DirectoryWatch: Sendable {
  public enum Event: Hashable, Sendable {
    case changed
    case timedOut
    case cancelled
  }

  private let path: FilePath
  /// Without a descriptor it only waits.
  private let notifications: FileDescriptor?
  private let cancellation: (readEnd: FileDescriptor, writeEnd: FileDescriptor)

  /// A watch of `path`; where the system has no more of them to give, one that never tells of a change.
  public init(_ path: FilePath) throws(FileError) {
    self.path = path
    do {
      cancellation = try FileDescriptor.pipe()
    } catch {
      throw FileError("watch", path, error as? Errno ?? .ioError)
    }
    notifications = Self.watch(path)
  }

  deinit {
    // Nothing was written that closing could fail to keep.
    for descriptor in [notifications, cancellation.readEnd, cancellation.writeEnd] {
      try? descriptor?.close()
    }
  }

  /// The limits are those of a user, not of a process: others may have used them up.
  private static func watch(_ path: FilePath) -> FileDescriptor? {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard descriptor >= 0 else { return nil }
    let events = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE
    let watch = unsafe path.withC { unsafe inotify_add_watch(descriptor, $0, UInt32(events)) }
    guard watch >= 0 else {
      Glibc.close(descriptor)
      return nil
    }
    return FileDescriptor(rawValue: descriptor)
  }

  /// Waits until something has changed since it was last told of, ``cancel()`` was called, or the time
  /// is over, which is counted in milliseconds.
  public func wait(atMost limit: Duration) throws(FileError) -> Event {
    let milliseconds = Int32(max(0, min(limit / .milliseconds(1), 1e9)))
    var ends = [
      pollfd(fd: cancellation.readEnd.rawValue, events: Int16(POLLIN), revents: 0),
      pollfd(fd: notifications?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    let ready = try systemCall("watch", path) { unsafe poll(&ends, 2, milliseconds) }
    if ready == 0 { return .timedOut }
    if ends[0].revents != 0 { return .cancelled }
    drain()
    return .changed
  }

  /// Has ``wait(atMost:)`` return from now on; callable from any thread.
  public func cancel() {
    // Fails only where the pipe is full of what says the same.
    _ = try? cancellation.writeEnd.writeAll([0])
  }

  private func drain() {
    guard let notifications else { return }
    unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
      while let count = unsafe try? notifications.read(into: buffer), count == buffer.count {}
    }
  }
}
