// SPDX-License-Identifier: Apache-2.0

public import Checkpoints
package import LinuxFiles
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
  /// Where it lies now.
  package let place: FileLocation
  /// The directory, if any, that is laid out as the checkpoint, and in which it lies under its own path.
  private let directory: OpenDirectory?

  /// - Parameter location: where it lies now.
  public init(path: EntryPath, location: FilePath, kind: Kind) {
    self.init(path: path, place: FileLocation(location), kind: kind)
  }

  /// - Parameter place: where it lies now.
  package init(path: EntryPath, place: FileLocation, kind: Kind) {
    self.path = path
    self.kind = kind
    self.place = place
    directory = nil
  }

  /// A file that lies under its own path in `directory`: thousands of such are looked at faster.
  package init(path: EntryPath, in directory: OpenDirectory, kind: Kind) {
    self.path = path
    self.kind = kind
    place = directory.appending(path.bytes)
    self.directory = directory
  }

  /// The path at which it lies; what is done with it is done at its ``place``.
  public var location: FilePath { place.path }

  /// What each of them is now, in their order; `nil` for one that is not there.
  static func statuses(of sources: [SourceFile]) throws(FileError) -> [FileStatus?] {
    var statuses: [FileStatus?] = []
    var rest = sources[...]
    while let first = rest.first {
      guard let directory = first.directory else {
        statuses.append(try first.place.status())
        rest.removeFirst()
        continue
      }
      let run = rest.prefix { $0.directory == directory }
      statuses += try FileStatus.ifPresent(at: run.map(\.path.bytes), below: directory)
      rest.removeFirst(run.count)
    }
    return statuses
  }
}
