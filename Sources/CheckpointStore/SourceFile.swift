// SPDX-License-Identifier: Apache-2.0

public import Checkpoints
public import SystemPackage

/// A file or directory that is to become an entry of a checkpoint.
public struct SourceFile: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// RocksDB never changes it: it may be linked into the store, and is shared by inode in a mount.
    case shared
    /// It is copied in, and has an inode of its own in each checkpoint.
    case own
    case directory
  }

  /// Its path in the checkpoint.
  public let path: EntryPath
  /// Where it lies now.
  public let location: FilePath
  public let kind: Kind

  public init(path: EntryPath, location: FilePath, kind: Kind) {
    self.path = path
    self.location = location
    self.kind = kind
  }
}
