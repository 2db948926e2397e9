// SPDX-License-Identifier: Apache-2.0
import Fuse
import SystemPackage

/// One file of 100 bytes, whatever it is asked, which a listing has under a hundred names; to look one up leads nowhere.
struct ServingFileSystem: FileSystem {
  let offersExtendedAttributes = false
  let counters = SessionCounters()
  private let file = NodeID(rawValue: 2)

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
  ) throws(Errno) {
    for number in 0..<100 {
      let hasRoom = try buffer.append(
        name: Array("file-\(number)".utf8), node: file, type: .regular,
        nextOffset: DirectoryOffset(rawValue: Int64(number) + 1))
      guard hasRoom else { return }
    }
  }
  func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno) {
    for number in 0..<100 {
      let hasRoom = try buffer.append(
        name: Array("file-\(number)".utf8), node: file, type: .regular,
        nextOffset: DirectoryOffset(rawValue: Int64(number) + 1))
      guard hasRoom else { return }
    }
  }
  func releasedir(_ node: NodeID, handle: FileHandle) {}
  func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics { throw .noFunction }
  func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8] {
    Array(repeating: 1, count: 50)
  }
  func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]] {
    (0..<10).map { Array("user.\($0)".utf8) }
  }
}
