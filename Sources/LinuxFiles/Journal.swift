// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// systemd's journal, as far as messages go to it by its own protocol.
public struct Journal: Sendable {
  /// Where the journal listens.
  public static let address: FilePath = "/run/systemd/journal/socket"

  private let address: FilePath

  public init(at address: FilePath = Journal.address) {
    self.address = address
  }

  /// Callable from any thread.
  ///
  /// - Throws: also when the entry is larger than a datagram may be, some hundred kilobytes.
  public func send(_ entry: JournalEntry) throws(FileError) {
    try systemCall("write to", address) {
      // Unsafe only as a C call: both live for its duration.
      unsafe address.withC { path in
        unsafe entry.bytes.withUnsafeBytes { unsafe linux_send(path, $0.baseAddress, $0.count) }
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
