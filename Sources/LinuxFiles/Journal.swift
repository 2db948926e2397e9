// SPDX-License-Identifier: Apache-2.0

import Glibc
public import SystemPackage

/// A connection to systemd's journal.
public struct Journal: Sendable {
  /// Where the journal listens.
  public static let address: FilePath = "/run/systemd/journal/socket"

  private let socket: OpenSocket
  private let address: FilePath

  /// Nothing is sent yet, so the journal need not be there.
  ///
  /// - Precondition: the address has at most 107 bytes.
  public init(at address: FilePath = Journal.address) throws(FileError) {
    precondition(address.length < 108, "a socket's address is short")
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw FileError("open", address, Errno(rawValue: errno)) }
    socket = OpenSocket(descriptor: descriptor)
    self.address = address
  }

  /// Callable from any thread.
  ///
  /// - Throws: also when the entry is larger than a datagram may be, some hundred kilobytes.
  public func send(_ entry: JournalEntry) throws(FileError) {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &name.sun_path) { room in
      unsafe address.withPlatformString { text in
        unsafe room.copyMemory(from: UnsafeRawBufferPointer(start: text, count: address.length))
      }
    }
    // Unsafe only as a C call: both live for its duration.
    try systemCall("write to", address) {
      unsafe withUnsafeBytes(of: &name) { name in
        unsafe entry.bytes.withUnsafeBytes { bytes in
          unsafe sendto(
            socket.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL),
            name.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(name.count))
        }
      }
    }
  }

  /// Whether `stream` leads to the journal, as `$JOURNAL_STREAM` says: see systemd.exec(5).
  ///
  /// - Parameter variable: the environment variable's value.
  public static func receives(_ stream: FileDescriptor, _ variable: String?) -> Bool {
    guard let parts = variable?.split(separator: ":"), parts.count == 2,
      let device = UInt64(parts[0]), let inode = UInt64(parts[1])
    else { return false }
    var status = stat()
    guard unsafe fstat(stream.rawValue, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
  }
}

private final class OpenSocket: Sendable {
  let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}
