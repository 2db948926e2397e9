// SPDX-License-Identifier: Apache-2.0

import CLinux
public import SystemPackage

/// What `statvfs(3)` and `statfs(2)` tell of the file system that holds a path.
public struct FileSystemStatus: Hashable, Sendable {
  public let blockSize: UInt64
  public let blocks: UInt64
  public let freeBlocks: UInt64
  public let availableBlocks: UInt64
  public let files: UInt64
  public let freeFiles: UInt64
  /// Its magic number, as in linux/magic.h.
  public let type: Int64

  public init(at path: FilePath) throws(FileError) {
    var status = linux_file_system()
    try systemCall("stat the file system of", path) {
      unsafe path.withC { unsafe linux_statfs($0, &status) }
    }
    blockSize = status.block_size
    blocks = status.blocks
    freeBlocks = status.free_blocks
    availableBlocks = status.available_blocks
    files = status.files
    freeFiles = status.free_files
    type = status.type
  }

  /// The name of a kind of file system on which neither locks nor a shared-memory log can be relied
  /// on, or `nil` for any other. The numbers are those of linux/magic.h.
  public var unreliableKind: String? {
    switch type {
    case 0x6969: "NFS"
    case 0x6573_5546: "FUSE"
    case 0xff53_4d42, 0xfe53_4d42, 0x517b: "SMB"
    case 0x0102_1997: "9p"
    case 0x00c3_6400: "Ceph"
    default: nil
    }
  }
}
