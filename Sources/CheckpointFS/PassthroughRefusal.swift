// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import SystemPackage

/// Why the kernel cannot read files by itself.
enum PassthroughRefusal: Hashable, Sendable, CustomStringConvertible {
  /// It is not wanted.
  case option
  case kernel
  /// - Parameter isRoot: then it is the root of a container.
  case privilege(isRoot: Bool)
  case stackedStore
  case other(Errno)

  init(_ error: Errno) {
    self =
      switch error {
      case .notPermitted: .privilege(isRoot: geteuid() == 0)
      case .tooManySymbolicLinkLevels: .stackedStore
      default: .other(error)
      }
  }

  var description: String {
    switch self {
    case .option: "it was switched off by the mount option passthrough=off"
    case .kernel: "this kernel cannot do FUSE passthrough; use Linux 6.9 or newer"
    case .privilege(isRoot: false): "FUSE passthrough takes CAP_SYS_ADMIN; mount as root"
    case .privilege(isRoot: true):
      "FUSE passthrough takes CAP_SYS_ADMIN of the machine, which root lacks here, as in a container; mount outside of it"
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
