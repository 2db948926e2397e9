// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import SystemPackage

extension Mount {
  /// Takes the mount away.
  ///
  /// - Throws: `resourceBusy` while somebody uses it.
  public func unmount() throws(FileError) {
    try takeAway(detaching: false)
  }

  /// Takes the mount away from its place at once; who uses it keeps it until he lets go.
  public func detach() throws(FileError) {
    try takeAway(detaching: true)
  }

  /// As root by the kernel's call, else by `fusermount3`.
  private func takeAway(detaching: Bool) throws(FileError) {
    if geteuid() == 0 {
      try systemCall("unmount", point) {
        unsafe point.withC { unsafe linux_unmount($0, detaching ? 1 : 0) }
      }
      return
    }
    let program = try ChildProcess(
      "fusermount3", arguments: [detaching ? "-uz" : "-u", "--", point.string], .inherited)
    let said = String(decoding: try program.readOutput(), as: UTF8.self)
    guard try program.waitForEnd() != 0 else { return }
    throw FileError("unmount", point, Self.reason(for: said))
  }

  /// fusermount3 tells its reason in words only, those of strerror(3).
  private static func reason(for message: String) -> Errno {
    for error in [Errno.resourceBusy, .permissionDenied] where message.contains("\(error)") {
      return error
    }
    return message.contains("not found in /etc/mtab") ? .permissionDenied : .notPermitted
  }
}
