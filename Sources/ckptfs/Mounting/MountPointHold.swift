// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Excludes others who mount in the same place, from the first look at it until the mount is there.
struct MountPointHold: ~Copyable {
  /// Far longer than a mount takes.
  private static let patience: Duration = .seconds(10)

  private let hold: DirectoryHold

  /// Waits for others who are about to mount at `point`.
  ///
  /// - Returns: `nil` where there is nothing to hold: what is wrong with the mount point then is told by who looks at it; and a
  ///   user who cannot read the directory above does without.
  static func take(_ point: FilePath) throws -> MountPointHold? {
    do throws(FileError) {
      // The directory above, since a dead mount cannot be opened.
      let directory = try point.resolvedMountPoint.removingLastComponent()
      return MountPointHold(
        hold: try DirectoryHold(directory, waitingAtMost: Self.patience))
    } catch {
      guard error.errno == .timedOut else { return nil }
      throw Failure(
        .busy, "busy",
        "cannot mount on \(point): somebody else has been mounting there for \(Self.patience); try again when that is done"
      )
    }
  }
}
