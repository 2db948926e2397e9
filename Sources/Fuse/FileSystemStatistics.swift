// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc

/// What `statfs` shows of a file system.
package struct FileSystemStatistics: Hashable, Sendable {
  /// The unit of the three counts of blocks, in bytes.
  package var blockSize: UInt64
  package var blocks: UInt64
  package var freeBlocks: UInt64
  /// Free for those who are not root.
  package var availableBlocks: UInt64
  package var files: UInt64
  package var freeFiles: UInt64
  /// The longest name, in bytes.
  package var maximumNameLength: UInt64

  package init(
    blockSize: UInt64, blocks: UInt64, freeBlocks: UInt64, availableBlocks: UInt64, files: UInt64,
    freeFiles: UInt64, maximumNameLength: UInt64
  ) {
    self.blockSize = blockSize
    self.blocks = blocks
    self.freeBlocks = freeBlocks
    self.availableBlocks = availableBlocks
    self.files = files
    self.freeFiles = freeFiles
    self.maximumNameLength = maximumNameLength
  }
}

extension FileSystemStatistics {
  var status: statvfs {
    var status = statvfs()
    status.f_bsize = numericCast(blockSize)
    status.f_frsize = numericCast(blockSize)
    status.f_blocks = numericCast(blocks)
    status.f_bfree = numericCast(freeBlocks)
    status.f_bavail = numericCast(availableBlocks)
    status.f_files = numericCast(files)
    status.f_ffree = numericCast(freeFiles)
    status.f_favail = numericCast(freeFiles)
    status.f_namemax = numericCast(maximumNameLength)
    return status
  }
}
