// SPDX-License-Identifier: Apache-2.0

internal import SystemPackage

/// Why the kernel cannot read files by itself.
enum PassthroughRefusal: Hashable, Sendable, CustomStringConvertible {
  /// It is not wanted.
  case option
  case kernel
  case privilege
  case stackedStore
  case other(Errno)

  init(_ error: Errno) {
    self =
      switch error {
      case .notPermitted: .privilege
      case .tooManySymbolicLinkLevels: .stackedStore
      default: .other(error)
      }
  }

  var description: String {
    switch self {
    case .option: "it was switched off by the mount option passthrough=off"
    case .kernel: "this kernel cannot do FUSE passthrough; use Linux 6.9 or newer"
    case .privilege: "FUSE passthrough takes CAP_SYS_ADMIN; mount as root"
    case .stackedStore:
      "the store lies on a file system that lies on another, such as overlayfs; put it on a plain one"
    case .other(let error): "the kernel refuses FUSE passthrough: \(error)"
    }
  }

  /// Whether no other file will fare better.
  var isFinal: Bool {
    switch self {
    case .option, .kernel, .privilege, .stackedStore: true
    case .other: false
    }
  }
}
