// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// The system calls that would change a tree.
enum WriteAttempt: String, CaseIterable {
  case openForWriting, openForBoth, openTruncating, create, makeDirectory, makeFIFO, unlink
  case removeDirectory, rename, link, symbolicLink, changeMode, changeOwner, changeTimes, truncate
  case setAttribute, removeAttribute, accessForWriting

  /// What the system call fails with, if it does.
  func error(in root: FilePath) -> Errno? {
    let small = root.appending("small")
    let new = root.appending("new")
    let error: Errno? =
      switch self {
      case .openForWriting: small.error { unsafe open($0, O_WRONLY) }
      case .openForBoth: small.error { unsafe open($0, O_RDWR) }
      case .openTruncating: small.error { unsafe open($0, O_RDONLY | O_TRUNC) }
      case .create: new.error { unsafe creat($0, 0o644) }
      case .makeDirectory: new.error { unsafe mkdir($0, 0o755) }
      case .makeFIFO: new.error { unsafe mkfifo($0, 0o644) }
      case .unlink: small.error { unsafe Glibc.unlink($0) }
      case .removeDirectory: root.appending("live").error { unsafe rmdir($0) }
      case .rename: small.error { unsafe Glibc.rename($0, new.string) }
      case .link: small.error { unsafe Glibc.link($0, new.string) }
      case .symbolicLink: new.error { unsafe symlink("small", $0) }
      case .changeMode: small.error { unsafe chmod($0, 0o600) }
      case .changeOwner: small.error { unsafe chown($0, 1, 1) }
      case .changeTimes: small.error { unsafe utimes($0, nil) }
      case .truncate: small.error { unsafe Glibc.truncate($0, 1) }
      case .setAttribute: small.error { unsafe ExtendedAttributeCalls.set($0, "user.a", "b", 1, 0) }
      case .removeAttribute: small.error { unsafe ExtendedAttributeCalls.remove($0, "user.a") }
      case .accessForWriting: small.error { unsafe access($0, W_OK) }
      }
    return error
  }
}
