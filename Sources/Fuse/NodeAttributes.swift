// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
package import SystemPackage

/// What `stat` shows of a node.
package struct NodeAttributes: Hashable, Sendable {
  package var node: NodeID
  package var type: FileType
  package var permissions: FilePermissions
  /// In bytes. The kernel reads no further than this, unless the file is open in `.direct` mode.
  package var size: Int64
  package var linkCount: UInt32
  package var userID: UserID
  package var groupID: GroupID
  package var accessTime: Timestamp
  package var modificationTime: Timestamp
  package var changeTime: Timestamp
  /// In units of 512 bytes, whatever `blockSize` says.
  package var blocks: Int64
  /// The preferred size of a read, in bytes.
  package var blockSize: Int32

  /// Attributes with one link, owner 0:0, all times equal, and as many blocks as `size` needs.
  package init(
    node: NodeID, type: FileType, permissions: FilePermissions, size: Int64, time: Timestamp
  ) {
    self.node = node
    self.type = type
    self.permissions = permissions
    self.size = size
    linkCount = 1
    userID = UserID(rawValue: 0)
    groupID = GroupID(rawValue: 0)
    accessTime = time
    modificationTime = time
    changeTime = time
    blocks = (size + 511) / 512
    blockSize = 4096
  }
}

extension NodeAttributes {
  var status: stat {
    var status = stat()
    status.st_ino = numericCast(node.rawValue)
    status.st_mode = type.rawValue | permissions.rawValue
    status.st_nlink = numericCast(linkCount)
    status.st_uid = userID.rawValue
    status.st_gid = groupID.rawValue
    status.st_size = numericCast(size)
    status.st_blocks = numericCast(blocks)
    status.st_blksize = numericCast(blockSize)
    status.st_atim = accessTime.specification
    status.st_mtim = modificationTime.specification
    status.st_ctim = changeTime.specification
    return status
  }
}

extension Timestamp {
  fileprivate var specification: timespec {
    timespec(tv_sec: numericCast(seconds), tv_nsec: numericCast(nanoseconds))
  }
}
