// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
package import SystemPackage

/// A directory that may be mounted on.
package struct MountPoint: Hashable, Sendable {
  package let path: FilePath

  /// Looks whether `path` can be the mount point of what is kept in the directory `source`.
  ///
  /// The two must not lie within each other: under such a mount the store could not be reached, or
  /// would contain itself. Directories are compared by device and inode all the way up, so that
  /// neither links nor bind mounts of them hide it.
  ///
  /// - Throws: ``MountPointError``, before anything was mounted.
  package init(_ path: FilePath, source: FilePath) throws(MountPointError) {
    self.path = path
    try Self.requireDirectory(path)
    if try Self.isEqualOrBelow(path, source) {
      throw MountPointError(path: path, flaw: .withinSource(source))
    }
    if try Self.isEqualOrBelow(source, path) {
      throw MountPointError(path: path, flaw: .aroundSource(source))
    }
    guard try Self.isEmpty(path) else { throw MountPointError(path: path, flaw: .notEmpty) }
  }

  private static func requireDirectory(_ path: FilePath) throws(MountPointError) {
    do {
      if try Stat(path).type == .directory { return }
    } catch {
      throw MountPointError(path: path, flaw: .init(error, at: path))
    }
    throw MountPointError(path: path, flaw: .notADirectory)
  }

  /// Follows ".." as the kernel does, up to the root, which is its own parent.
  private static func isEqualOrBelow(
    _ path: FilePath, _ ancestor: FilePath
  ) throws(MountPointError) -> Bool {
    do {
      let wanted = try Place(ancestor)
      var path = path
      var place = try Place(path)
      while place != wanted {
        path.append("..")
        let parent = try Place(path)
        if parent == place { return false }
        place = parent
      }
      return true
    } catch {
      throw MountPointError(path: path, flaw: .unreadable(ancestor, error))
    }
  }

  private static func isEmpty(_ path: FilePath) throws(MountPointError) -> Bool {
    do {
      // For its exact error, which Foundation's listing does not tell.
      try FileDescriptor.open(path, .readOnly, options: .directory).close()
    } catch {
      throw MountPointError(path: path, flaw: .init(error as? Errno ?? .ioError, at: path))
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path.string).isEmpty
    } catch {
      throw MountPointError(path: path, flaw: .unreadable(path, .ioError))
    }
  }
}

extension MountPointError.Flaw {
  /// - Parameter path: the mount point, which could not be looked at.
  fileprivate init(_ error: Errno, at path: FilePath) {
    switch error {
    case .noSuchFileOrDirectory: self = .absent
    case .socketNotConnected, .connectionAbort: self = .deadMount
    default: self = .unreadable(path, error)
    }
  }
}

/// What tells two directories apart.
private struct Place: Hashable {
  let device: DeviceID
  let inode: SystemPackage.Inode

  init(_ path: FilePath) throws(Errno) {
    let status = try Stat(path)
    device = status.deviceID
    inode = status.inode
  }
}
