// SPDX-License-Identifier: Apache-2.0

package import Fuse
package import SystemPackage

/// Directories are listed by offset alone, so an open one is no state here.
extension CheckpointFileSystem {
  /// The kernel may keep the listing of a directory within a checkpoint: it never changes.
  ///
  /// Where it is told of changes it may keep all, and need not even ask: once refused, it never does again. It drops a
  /// listing, told or not, that it made when the directory had another time of modification.
  package func opendir(_ node: NodeID) throws(Errno) -> OpenDirectoryReply {
    if following.isActive { throw .noFunction }
    return try openDirectory(node)
  }

  private func openDirectory(_ node: NodeID) throws(Errno) -> OpenDirectoryReply {
    try answer { () throws(TreeError) in
      let inode = try inode(node)
      // Fails for what is no directory or not there (any more).
      _ = try tree.parent(of: inode)
      switch inode {
      case .checkpoint, .entry:
        return OpenDirectoryReply(handle: .directory, mode: .cached(keepCache: true))
      case .root, .history, .latest, .tags, .byTime, .tag, .time, .shared, .control:
        return OpenDirectoryReply(handle: .directory, mode: .uncached)
      }
    }
  }

  package func readdir(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryBuffer
  ) throws(Errno) {
    let inode = try answer { () throws(TreeError) -> Inode in try self.inode(node) }
    var next = offset.rawValue
    while true {
      let items = try items(of: inode, from: next, limit: namesAtATime)
      for item in items {
        guard try buffer.append(item) else { return }
      }
      guard let last = items.last else { return }
      next = last.nextOffset
    }
  }

  package func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno) {
    let inode = try answer { () throws(TreeError) -> Inode in try self.inode(node) }
    let times = times
    var next = offset.rawValue
    while true {
      let items = try items(of: inode, from: next, limit: namesWithAttributesAtATime)
      for item in items {
        guard try buffer.append(item, umask: tree.options.umask, in: inode, times) else { return }
      }
      guard let last = items.last else { return }
      next = last.nextOffset
    }
  }

  /// Not "no such file" for a directory that is gone, which readdir(3) takes for the end of an empty one.
  private func items(
    of directory: Inode, from offset: Int64, limit: Int
  ) throws(Errno) -> [DirectoryItem] {
    do throws(Errno) {
      return try answer { () throws(TreeError) in
        try tree.items(of: directory, from: offset, limit: limit)
      }
    } catch {
      throw error == .noSuchFileOrDirectory ? .staleNFSFileHandle : error
    }
  }

  package func releasedir(_ node: NodeID, handle: FileHandle) {}
}

/// About what fits a page of memory, the least room that the kernel gives. What does not fit is asked
/// for again.
private let namesAtATime = 96
private let namesWithAttributesAtATime = 24

extension FileHandle {
  fileprivate static let directory = FileHandle(rawValue: 0)
}

extension DirectoryBuffer {
  fileprivate mutating func append(_ item: DirectoryItem) throws(Errno) -> Bool {
    try append(
      name: item.name, node: NodeID(item.inode), type: FileType(item.kind),
      nextOffset: DirectoryOffset(rawValue: item.nextOffset))
  }
}

extension DirectoryPlusBuffer {
  fileprivate mutating func append(
    _ item: DirectoryItem, umask: UInt16, in directory: Inode, _ times: CacheTimes
  ) throws(Errno) -> Bool {
    let next = DirectoryOffset(rawValue: item.nextOffset)
    guard let attributes = item.attributes else {
      return try append(
        name: item.name, node: NodeID(item.inode), type: FileType(item.kind), nextOffset: next)
    }
    return try append(
      name: item.name, entry: EntryReply(attributes, umask: umask, in: directory, times),
      nextOffset: next)
  }
}
