// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
package import Fuse
package import SystemPackage

extension CheckpointFileSystem {
  /// What is open stays readable, whatever is dropped or collected: a descriptor is held.
  package func open(_ node: NodeID) throws(Errno) -> OpenReply {
    try answer { () throws(TreeError) in
      let inode = try inode(node)
      if case .control(let control) = inode {
        return opened(inode, .bytes(try tree.content(of: control)), .direct)
      }
      let known = try file(of: inode)
      let attributes = known.attributes
      let file = try tree.require { source throws(SourceError) in try source.open(known.digest) }
      guard ReadMode(size: attributes.size) == .passthrough else {
        guard openFiles.take() else { throw .tooManyOpenFiles }
        return opened(inode, .file(file, attributes), cached(inode, file))
      }
      let mode: OpenReply.Mode
      switch passthrough.open(attributes, file) {
      case .kernel(let backing):
        return opened(inode, .largeFile(nil, attributes), .passthrough(backing))
      case .process: mode = cached(inode, file)
      case .direct(let backing): mode = .directBesidePassthrough(backing)
      }
      guard openFiles.take() else {
        passthrough.close(attributes)
        throw .tooManyOpenFiles
      }
      return opened(inode, .largeFile(file, attributes), mode)
    }
  }

  /// All who have an inode open share its pages, so all read the same file: the one that was opened last.
  private func cached(_ inode: Inode, _ file: OpenFile) -> OpenReply.Mode {
    let isSame = keptPages.areFrom(file, of: inode)
    if !isSame { openNodes.replaceFile(of: inode, by: file) }
    return .cached(keepCache: isSame)
  }

  private func file(of inode: Inode) throws(TreeError) -> KnownFile {
    guard following.isActive else { return try tree.file(inode) }
    let known = try knownFiles.value(for: inode) { () throws(TreeError) in
      [(inode, try tree.file(inode))]
    }
    guard let known else { throw .absent }
    return known
  }

  private func opened(
    _ inode: Inode, _ reading: OpenNodes.Reading, _ mode: OpenReply.Mode
  ) -> OpenReply {
    OpenReply(handle: FileHandle(rawValue: openNodes.insert(reading, of: inode)), mode: mode)
  }

  package func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply {
    try answer { () throws(TreeError) in
      switch openNodes[handle.rawValue] {
      case .file(let file, _), .largeFile(let file?, _):
        let range = clamp(offset, length, within: file.length)
        guard range.length > 0 else { return .bytes([]) }
        return .file(file.descriptor, offset: file.offset + range.offset, length: range.length)
      case .bytes(let bytes):
        let range = clamp(offset, length, within: Int64(bytes.count))
        return .bytes(bytes.dropFirst(Int(range.offset)).prefix(range.length))
      // What the kernel reads by itself it asks for only as read-ahead that readahead(2) demanded, in which it would not look.
      case .largeFile(nil, _), nil: throw .badHandle
      }
    }
  }

  package func release(_ node: NodeID, handle: FileHandle) {
    switch openNodes.remove(handle.rawValue) {
    case .file: openFiles.giveBack()
    case .largeFile(let file, let attributes):
      if file != nil { openFiles.giveBack() }
      passthrough.close(attributes)
    case .bytes, nil: break
    }
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
  /// The content of a file, and what `stat` shows of it.
  fileprivate func file(
    _ inode: Inode
  ) throws(TreeError) -> KnownFile {
    switch inode {
    case .shared(let shared):
      let record = try sharedFile(shared)
      return .init(digest: record.content.digest, attributes: attributes(of: shared, record))
    case .entry(let id, let ordinal):
      let record = try entry(ordinal, of: id)
      guard let content = record.entry.content else { throw .isADirectory }
      return .init(digest: content.digest, attributes: try attributes(of: record, in: id))
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .checkpoint, .control:
      throw .isADirectory
    }
  }
}
