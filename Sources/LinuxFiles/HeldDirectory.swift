// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

/// A directory that stays open, so that nothing else is ever taken for it: no other one under its name, and not the
/// empty one that shows where a disk was taken away.
///
/// The file system it is on cannot be unmounted meanwhile, but for lazily.
public final class HeldDirectory: Sendable {
  public let path: FilePath
  private let descriptor: FileDescriptor

  public init(_ path: FilePath) throws(FileError) {
    self.path = path
    descriptor = try FileSystemCalls.open(path, .readOnly, options: [.directory, .closeOnExec])
  }

  deinit {
    try? descriptor.close()  // nothing was written through it
  }

  /// Whether its path still leads to it.
  public func isInPlace() throws(FileError) -> Bool {
    guard let there = try FileStatus(ifPresent: path) else { return false }
    let held = try FileStatus(of: descriptor, at: path)
    return there.device == held.device && there.inode == held.inode
  }
}
