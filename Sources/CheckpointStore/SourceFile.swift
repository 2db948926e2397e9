// SPDX-License-Identifier: Apache-2.0

public import Checkpoints
import LinuxFiles
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
  public let kind: Kind
  private let place: Place

  private enum Place: Hashable {
    case location(FilePath)
    /// In a directory that is laid out as the checkpoint.
    case below(FilePath)
  }

  /// - Parameter location: where it lies now.
  public init(path: EntryPath, location: FilePath, kind: Kind) {
    self.path = path
    self.kind = kind
    place = .location(location)
  }

  /// A file that lies under its own path in `directory`: thousands of such are looked at faster.
  public init(path: EntryPath, in directory: FilePath, kind: Kind) {
    self.path = path
    self.kind = kind
    place = .below(directory)
  }

  /// Where it lies now.
  public var location: FilePath {
    switch place {
    case .location(let location): location
    case .below(let directory): directory.appending(bytes: path.bytes)
    }
  }

  /// The directory that all of `sources` lie in under their own paths, if there is one.
  static func commonDirectory(of sources: some Collection<SourceFile>) -> FilePath? {
    guard case .below(let directory)? = sources.first?.place else { return nil }
    return sources.allSatisfy { $0.place == .below(directory) } ? directory : nil
  }
}
