// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// The socket on which a service manager waits for news of its services.
final class NotifySocket {
  /// What `$NOTIFY_SOCKET` says: a path, or `@` and an abstract name.
  let name: String
  private let file: FileDescriptor

  init(named name: String) throws {
    self.name = name
    file = FileDescriptor(rawValue: socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(name.utf8)
    // Unsafe as the C structure's array is a tuple here: nothing is kept beyond the calls.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
      unsafe path.copyBytes(from: bytes)
      if name.hasPrefix("@") { unsafe path[0] = 0 }
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(file.rawValue, $0, length)
      }
    }
    guard result == 0 else { throw Errno(rawValue: errno) }
  }

  /// The next message; `nil` when none comes within the time.
  func receive(within limit: Duration) throws -> String? {
    var events = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
    let milliseconds = Int32(limit / .milliseconds(1))
    guard unsafe poll(&events, 1, milliseconds) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  deinit {
    try? file.close()  // nothing was written through it
  }
}
