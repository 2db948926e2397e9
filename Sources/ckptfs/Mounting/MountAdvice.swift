// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Fuse
import Glibc
import LinuxFiles
import SystemPackage

/// What to do where the system lets nobody mount, or not this user.
enum MountAdvice {
  private static let device: FilePath = "/dev/fuse"

  /// - Returns: `nil` when the error says it all.
  static func advice(on error: FuseError, _ options: MountOptions) -> String? {
    let isRoot = geteuid() == 0
    switch deviceError {
    case .noSuchFileOrDirectory?, .noSuchAddressOrDevice?, .operationNotSupportedByDevice?:
      return "there is no \(device): load the kernel's module ('modprobe fuse'); "
        + "a container must be started with '--device \(device)'"
    case .permissionDenied? where !isRoot:
      return
        "only root may open \(device) here: let others do so ('chmod 666 \(device)'), or mount as root"
    case .permissionDenied?, .notPermitted?:
      return "this container may not open \(device): start it with '--device \(device)'"
    default: break
    }
    guard error.errno == .notPermitted else { return nil }
    if isRoot {
      return "mounting takes CAP_SYS_ADMIN, which root lacks here, as in a container: "
        + "start that with '--cap-add SYS_ADMIN'"
    }
    return options.allowOther
      ? "for the option allow_other users other than root need the line user_allow_other in /etc/fuse.conf"
      : nil
  }

  private static var deviceError: Errno? {
    do throws(FileError) {
      let file = try FileSystemCalls.open(device, .readWrite, options: [.closeOnExec])
      try? file.close()  // nothing was written through it
      return nil
    } catch {
      return error.errno
    }
  }
}
