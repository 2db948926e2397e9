// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxFiles
import Logging
import SystemPackage

/// A mount whose process died without unmounting. Every look at it fails, so that nobody takes it for empty: a mirror
/// of it must not be emptied.
enum DeadMount {
  /// Takes a dead mount of ours away from `point`; changes nothing where there is none.
  ///
  /// Call it only when all else that a new mount needs is there: from then on the directory is empty. Who still has
  /// files of the dead mount open keeps getting errors.
  ///
  /// - Precondition: a ``MountPointHold`` on `point`: else it might be another's new mount by the time it is taken away.
  static func detach(at point: FilePath, _ logger: Logger) throws {
    guard isDead(point), let mount = try MountTable.mount(at: point.resolvedMountPoint),
      mount.type == UnmountCommand.fileSystemType
    else { return }
    try mount.detach()
    logger.notice("took away the mount on \(point), whose process was gone")
  }

  /// Whether a mount of ours that serves nobody any more is there, and not just about to go.
  static func stays(at point: FilePath) throws -> Bool {
    // 'umount -f' ends the connection first, and takes the mount away then, if nobody uses it.
    let end = ContinuousClock.now + .seconds(1)
    repeat {
      // In this order: where an automount's mount has gone, a look at the place has it mounted again, or waits for ever.
      guard try MountTable.mount(at: point)?.type == UnmountCommand.fileSystemType, isDead(point)
      else { return false }
      usleep(10_000)
    } while ContinuousClock.now < end
    return true
  }

  private static func isDead(_ point: FilePath) -> Bool {
    do throws(FileError) {
      // Not its status, which the kernel may remember for a moment.
      _ = try FileSystemStatus(at: point)
      return false
    } catch {
      return error.errno == .socketNotConnected || error.errno == .connectionAbort
    }
  }
}
