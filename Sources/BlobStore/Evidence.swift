// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import LinuxFiles

/// What a file looked like when it was hashed, as far as that can show later that it has not changed.
///
/// Promise P5: device, inode, time of birth, size and time of modification together cannot lie once the
/// last write is more than a second older than the hash; each alone can. Inode numbers are reused at
/// once, archives restore modification times, and a birth time cannot be set.
package struct Evidence: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let born: Timestamp
  package let size: UInt64
  package let modified: Timestamp

  /// - Parameter hashStarted: when the hash of that very file began; `nil` when only asking for what is recorded.
  /// - Returns: `nil` when the file's status proves nothing: no birth time, or written too lately.
  package init?(_ status: FileStatus, hashStarted: Timestamp?) {
    guard let born = status.born else { return nil }
    if let hashStarted, !Self.canBeHad(of: status, at: hashStarted) { return nil }
    self.init(
      device: status.device, inode: status.inode, born: Timestamp(nanoseconds: born),
      size: status.size, modified: Timestamp(nanoseconds: status.modified))
  }

  /// Whether a hash that begins at `time` is evidence: the last write is more than a second older.
  package static func canBeHad(of status: FileStatus, at time: Timestamp) -> Bool {
    status.born != nil && status.modified < time.nanoseconds - 1_000_000_000
  }

  package init(
    device: UInt64, inode: UInt64, born: Timestamp, size: UInt64, modified: Timestamp
  ) {
    self.device = device
    self.inode = inode
    self.born = born
    self.size = size
    self.modified = modified
  }
}
