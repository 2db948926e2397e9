// SPDX-License-Identifier: Apache-2.0
import Fuse
import SystemPackage

/// Throws one error, whatever it is asked.
struct FailingFileSystem: FileSystem {
  let error: Errno
  let offersExtendedAttributes = true
  let counters = SessionCounters()

  func lookup(_ name: [UInt8], in parent: NodeID) throws(Errno) -> LookupReply { throw error }
  func getattr(_ node: NodeID) throws(Errno) -> AttributesReply { throw error }
  func readlink(_ node: NodeID) throws(Errno) -> [UInt8] { throw error }
  func open(_ node: NodeID) throws(Errno) -> OpenReply { throw error }
  func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply { throw error }
  func release(_ node: NodeID, handle: FileHandle) {}
  func opendir(_ node: NodeID) throws(Errno) -> OpenDirectoryReply { throw error }
  func readdir(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryBuffer
  ) throws(Errno) { throw error }
  func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno) {
    if offset == .start {
      _ = try buffer.append(
        name: [0x2e], node: node, type: .directory, nextOffset: DirectoryOffset(rawValue: 1))
    }
    throw error
  }
  func releasedir(_ node: NodeID, handle: FileHandle) {}
  func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics { throw error }
  func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8] { throw error }
  func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]] { throw error }
  func access(_ node: NodeID) throws(Errno) { throw error }
}
