// SPDX-License-Identifier: Apache-2.0

import CLinux
import SystemPackage

/// The service manager that started this process and waits for news of it, in most cases systemd.
///
/// The protocol is that of sd_notify(3), which documents it as stable and as one to implement anew: a
/// datagram of `NAME=VALUE` lines to the socket that `$NOTIFY_SOCKET` names.
public struct ServiceManager: Sendable {
  public enum News: String, Sendable {
    case ready = "READY=1"
    case stopping = "STOPPING=1"
    /// For a manager that takes a service for hung that it has not heard of for `$WATCHDOG_USEC`.
    case alive = "WATCHDOG=1"
  }

  private let socket: String

  /// - Parameter socket: the value of `$NOTIFY_SOCKET`.
  /// - Returns: `nil` when there is none: then nobody waits.
  public init?(socket: String?) {
    guard let socket, !socket.isEmpty else { return nil }
    self.socket = socket
  }

  /// Tells the news; callable from any thread.
  ///
  /// - Throws: ``FileError``, `addressFamilyNotSupported` for a socket that is neither a path nor abstract (`@name`).
  public func tell(_ news: News) throws(FileError) {
    let path = FilePath(socket)
    guard socket.hasPrefix("/") || socket.hasPrefix("@") else {
      throw FileError("notify", path, .addressFamilyNotSupported)
    }
    try systemCall("notify", path) {
      // Unsafe only as a C call: both strings live for its duration.
      unsafe linux_send(socket, news.rawValue, news.rawValue.utf8.count)
    }
  }
}
