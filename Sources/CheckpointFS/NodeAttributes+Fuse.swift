// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Fuse
internal import SystemPackage

extension NodeID {
  init(_ inode: Inode) { self.init(rawValue: inode.rawValue) }
}

extension FileType {
  init(_ kind: NodeAttributes.Kind) {
    self =
      switch kind {
      case .directory: .directory
      case .file: .regular
      case .link: .symbolicLink
      }
  }
}

extension Fuse.NodeAttributes {
  init(_ attributes: CheckpointFS.NodeAttributes, umask: UInt16) {
    self.init(
      node: NodeID(attributes.inode), type: FileType(attributes.kind),
      permissions: FilePermissions(rawValue: CInterop.Mode(attributes.permissions(umask: umask))),
      size: Int64(clamping: attributes.size), time: Fuse.Timestamp(attributes.modified))
    linkCount = attributes.links
    userID = UserID(rawValue: attributes.owner.user)
    groupID = GroupID(rawValue: attributes.owner.group)
    blocks = Int64(clamping: attributes.blocks)
    blockSize = Int32(CheckpointFS.NodeAttributes.preferredReadSize)
  }

  mutating func resize(to size: Int64) {
    self.size = size
    blocks = (size + 511) / 512
  }
}

extension Fuse.Timestamp {
  fileprivate init(_ timestamp: Checkpoints.Timestamp) {
    let parts = timestamp.parts
    self.init(seconds: parts.seconds, nanoseconds: Int32(parts.nanoseconds))
  }
}

extension EntryReply {
  init(
    _ attributes: CheckpointFS.NodeAttributes, umask: UInt16, in directory: Inode,
    _ times: CacheTimes
  ) {
    self.init(
      attributes: Fuse.NodeAttributes(attributes, umask: umask),
      generation: UInt64(attributes.generation),
      attributeTimeout: times.attributes(of: attributes.inode),
      entryTimeout: times.names(in: directory))
  }
}
