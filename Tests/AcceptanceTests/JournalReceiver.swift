// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// Stands in for systemd's journal: a socket that keeps what is sent to it.
final class JournalReceiver {
  private let descriptor: Int32

  /// Listens at `path`.
  init(at path: FilePath) throws {
    descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &name.sun_path) {
      unsafe $0.copyBytes(from: path.string.utf8)
    }
    let result = unsafe withUnsafeBytes(of: &name) { name in
      unsafe bind(
        descriptor, name.assumingMemoryBound(to: sockaddr.self).baseAddress,
        socklen_t(name.count))
    }
    guard result == 0 else { throw Errno(rawValue: errno) }
  }

  deinit { close(descriptor) }

  /// What has come and was not received yet, each entry as lines.
  func entries() -> [[String]] {
    var entries: [[String]] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return entries }
      entries.append(
        String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
      )
    }
  }
}
