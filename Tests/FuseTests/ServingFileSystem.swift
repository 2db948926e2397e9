// SPDX-License-Identifier: Apache-2.0
import Fuse
import SystemPackage

/// One file of 100 bytes, whatever it is asked; no name leads to it.
struct ServingFileSystem: FileSystem {
  let offersExtendedAttributes = false
  let counters = SessionCounters()

  func lookup(_ name: [UInt8], in parent: NodeID) throws(Errno) -> LookupReply {
    .absent(timeout: .zero)
  }
  func getattr(_ node: NodeID) throws(Errno) -> AttributesReply { throw .noFunction }
  func readlink(_ node: NodeID) throws(Errno) -> [UInt8] { throw .noFunction }
  func open(_ node: NodeID) throws(Errno) -> OpenReply {
    OpenReply(handle: FileHandle(rawValue: 0), mode: .direct)
  }
  func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply { .bytes(ArraySlice(repeating: 1, count: 100)) }
  func release(_ node: NodeID, handle: FileHandle) {}
  func opendir(_ node: NodeID) throws(Errno) -> OpenDirectoryReply { throw .noFunction }
  func readdir(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryBuffer
  ) throws(Errno) {}
  func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno) {}
  func releasedir(_ node: NodeID, handle: FileHandle) {}
  func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics { throw .noFunction }
}
