// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
package import Fuse
package import SystemPackage

extension CheckpointFileSystem {
  /// What is open stays readable, whatever is dropped or collected: a descriptor is held.
  package func open(_ node: NodeID) throws(Errno) -> OpenReply {
    try answer { () throws(TreeError) in
      let inode = try inode(node)
      // The kernel never opens what it knows to be a directory or a link.
      guard let mode = ReadMode(for: inode) else { throw .isADirectory }
      let reading = try tree.open(inode, mode)
      let handle = FileHandle(rawValue: openNodes.insert(reading, of: inode))
      return OpenReply(handle: handle, mode: OpenReply.Mode(mode))
    }
  }

  package func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply {
    try answer { () throws(TreeError) in
      switch openNodes[handle.rawValue] {
      case .file(let file, _):
        let range = clamp(offset, length, within: file.length)
        guard range.length > 0 else { return .bytes([]) }
        return .file(file.descriptor, offset: file.offset + range.offset, length: range.length)
      case .bytes(let bytes):
        let range = clamp(offset, length, within: Int64(bytes.count))
        return .bytes(bytes.dropFirst(Int(range.offset)).prefix(range.length))
      case nil: throw .badHandle
      }
    }
  }

  package func release(_ node: NodeID, handle: FileHandle) {
    openNodes.remove(handle.rawValue)
  }
}

/// The part of a read that lies within a content: a file may hold others behind it.
private func clamp(
  _ offset: Int64, _ length: Int, within end: Int64
) -> (offset: Int64, length: Int) {
  let start = min(max(0, offset), end)
  return (start, Int(min(Int64(length), end - start)))
}

extension CheckpointTree {
  fileprivate func open(
    _ inode: Inode, _ mode: ReadMode
  ) throws(TreeError) -> OpenNodes.Reading {
    switch mode {
    case .cached:
      let (digest, attributes) = try file(inode)
      return .file(
        try require { source throws(SourceError) in try source.open(digest) }, attributes)
    case .frozen: return .bytes(try frozenContent(of: inode))
    }
  }

  private func file(
    _ inode: Inode
  ) throws(TreeError) -> (digest: Digest, attributes: NodeAttributes) {
    switch inode {
    case .shared(let shared):
      let record = try sharedFile(shared)
      return (record.content.digest, attributes(of: shared, record))
    case .entry(let id, let ordinal):
      let record = try entry(ordinal, of: id)
      guard let content = record.entry.content else { throw .isADirectory }
      return (content.digest, try attributes(of: record, in: id))
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .checkpoint, .control:
      throw .isADirectory
    }
  }

  private func frozenContent(of inode: Inode) throws(TreeError) -> [UInt8] {
    guard case .control(let node) = inode else { throw .isADirectory }
    return try content(of: node)
  }
}

extension OpenReply.Mode {
  fileprivate init(_ mode: ReadMode) {
    self =
      switch mode {
      case .cached: .cached(keepCache: true)
      case .frozen: .direct
      }
  }
}
