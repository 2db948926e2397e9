// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import SystemPackage

/// What `statx(2)` tells of a file: `stat`, and the time of birth where the file system keeps one.
public struct FileStatus: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case regular
    case directory
    case symbolicLink
    /// A socket, pipe or device.
    case special
  }

  public let kind: Kind
  public let device: UInt64
  public let inode: UInt64
  public let links: UInt32
  public let size: UInt64
  public let user: UInt32
  public let group: UInt32
  /// The permission bits, with set-id and sticky bits.
  public let permissions: UInt16
  /// Nanoseconds since 1970, as are `changed` and `born`.
  public let modified: Int64
  public let changed: Int64
  /// `nil` where the file system keeps none.
  public let born: Int64?

  /// The status of what `path` names, which is not followed if it is a symbolic link.
  public init(at path: FilePath) throws(FileError) {
    var status = linux_status()
    try systemCall("stat", path) { unsafe path.withC { unsafe linux_stat($0, 0, &status) } }
    self.init(status)
  }

  /// As `init(at:)`, but `nil` when nothing has that name.
  public init?(ifPresent path: FilePath) throws(FileError) {
    do throws(FileError) {
      try self.init(at: path)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  /// The status of what `path` leads to.
  public init(following path: FilePath) throws(FileError) {
    var status = linux_status()
    try systemCall("stat", path) { unsafe path.withC { unsafe linux_stat($0, 1, &status) } }
    self.init(status)
  }

  /// The status of an open file; `path` is for the error's message.
  public init(of file: FileDescriptor, at path: FilePath) throws(FileError) {
    var status = linux_status()
    try systemCall("stat", path) { unsafe linux_fstat(file.rawValue, &status) }
    self.init(status)
  }

  init(_ status: linux_status) {
    kind =
      switch mode_t(status.mode) & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .directory
      case S_IFLNK: .symbolicLink
      default: .special
      }
    device = status.device
    inode = status.inode
    links = status.links
    size = status.size
    user = status.user
    group = status.group
    permissions = UInt16(truncatingIfNeeded: status.mode & 0o7777)
    modified = status.modified
    changed = status.changed
    born = status.has_born != 0 ? status.born : nil
  }

  /// Whether both are of one file, whatever its names.
  ///
  /// - Precondition: it existed all the time from one to the other: an inode that has neither name nor holder is used again.
  public func isOfSameFile(as other: FileStatus) -> Bool {
    device == other.device && inode == other.inode
  }

  /// Whether `other` is of the same file with nothing written in between.
  public func isUnchanged(since other: FileStatus) -> Bool {
    isOfSameFile(as: other) && born == other.born && size == other.size
      && modified == other.modified && kind == other.kind
  }
}
