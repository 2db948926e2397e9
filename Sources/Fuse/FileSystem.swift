// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// A read-only tree as the kernel sees it.
///
/// Each method answers one request by what it returns or throws, so every request is answered once.
/// All methods may be called from several threads at a time, and block one of the session's threads
/// until they return. None may call a ``Notifier``, nor touch the mounted tree: the kernel may hold
/// a lock for the very request that is being served, and both would wait for ever.
///
/// What writes has no method here. The session itself answers it with `EROFS`, also where the mount
/// is not `ro`: opening for writing, `O_TRUNC`, create, mknod, mkdir, symlink, link, rename, unlink,
/// rmdir, setattr, write, fallocate, setxattr, removexattr, and access that asks for writing.
package protocol FileSystem: Sendable {
  /// Whether `getxattr` and `listxattr` are ever called; read once, when a session is created.
  ///
  /// If false the kernel asks once, then never again. If true `ls -l` costs several requests a file.
  var offersExtendedAttributes: Bool { get }

  /// Where the session counts what it serves; read once, when a session is created.
  var counters: SessionCounters { get }

  /// Called once, before any other method, to choose what the connection will use.
  func initialize(_ connection: inout Connection)

  /// Called once when the kernel has its answer to INIT, before the session answers anything else.
  ///
  /// - Throws: what keeps the session from serving at all.
  func begin() throws(FuseError)

  /// Called once on a thread of its own while the session serves: the place for notifications.
  ///
  /// To return soon after ``endFollowing()``, which the session calls when it ends.
  func follow(_ notifier: Notifier)
  func endFollowing()

  /// Finds `name`, raw bytes that need not be UTF-8, in a directory.
  ///
  /// Each `.found` adds one to the references that the kernel holds on the node.
  func lookup(_ name: [UInt8], in parent: NodeID) throws(Errno) -> LookupReply

  /// The kernel gives back `count` of its references on a node. At unmount it may not bother.
  func forget(_ node: NodeID, count: UInt64)

  func getattr(_ node: NodeID) throws(Errno) -> AttributesReply

  /// The target of a symbolic link, as raw bytes without a NUL.
  func readlink(_ node: NodeID) throws(Errno) -> [UInt8]

  /// Opens a file for reading.
  func open(_ node: NodeID) throws(Errno) -> OpenReply

  /// Up to `length` bytes from `offset`. Fewer are the end of the file.
  func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply

  /// Nobody uses `handle` any more, and all its reads were answered.
  func release(_ node: NodeID, handle: FileHandle)

  /// Opens a directory for listing.
  ///
  /// When it throws `Errno.noFunction`, the kernel never calls it again, keeps every listing until the
  /// notifier drops it or the directory's time of modification was seen to change, and gives no handle.
  func opendir(_ node: NodeID) throws(Errno) -> OpenDirectoryReply

  /// Appends entries from `offset` on until the buffer is full or the directory ends.
  ///
  /// "." and ".." are entries like all others. An empty buffer is the end of the directory.
  func readdir(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryBuffer
  ) throws(Errno)

  /// The same with attributes: each entry that was appended is also a lookup that found it.
  func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno)

  func releasedir(_ node: NodeID, handle: FileHandle)

  func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics

  /// The value of an extended attribute; `Errno.noData` where there is none of that name.
  func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8]

  /// The names of a node's extended attributes.
  func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]]

  /// Whether the caller may read or search. Asked only without `default_permissions`.
  func access(_ node: NodeID) throws(Errno)
}

extension FileSystem {
  package var offersExtendedAttributes: Bool { false }

  package func initialize(_ connection: inout Connection) {}

  package func begin() throws(FuseError) {}

  package func follow(_ notifier: Notifier) {}

  package func endFollowing() {}

  package func forget(_ node: NodeID, count: UInt64) {}

  package func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8] {
    throw .noData
  }

  package func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]] { [] }

  package func access(_ node: NodeID) throws(Errno) {}
}
