// SPDX-License-Identifier: Apache-2.0

internal import LinuxFiles
package import SystemPackage

/// A `_metadata` file, open for reading at any offset.
///
/// Links and special files are refused, so that a hostile directory can neither lead out of itself
/// nor make a reader wait on a pipe.
package final class MetadataFile: MetadataBytes {
  package static let name = "_metadata"

  package let path: FilePath
  /// When it was opened, in bytes. Flink never appends to a `_metadata` that has its name.
  package let size: UInt64
  private let descriptor: FileDescriptor

  package init(_ path: FilePath) throws(MetadataError) {
    self.path = path
    do throws(FileError) {
      descriptor = try FileSystemCalls.open(
        path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    } catch {
      throw MetadataError(.unreadable(error.errno), in: path)
    }
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(of: descriptor, at: path)
    } catch {
      try? descriptor.close()
      throw MetadataError(.unreadable(error.errno), in: path)
    }
    size = status.size
    guard status.kind == .regular else {
      throw MetadataError(.unreadable(.invalidArgument), in: path)
    }
    // As for files of state: another's file that somebody has linked in is not shown by root.
    guard !status.isBorrowed(at: path) else {
      throw MetadataError(.unreadable(.permissionDenied), in: path)
    }
  }

  deinit {
    // A descriptor that was only read from has nothing left to report when it is closed.
    try? descriptor.close()
  }

  package func read(
    at offset: UInt64, into buffer: inout [UInt8]
  ) throws(MetadataError) -> Int {
    do throws(FileError) {
      return try descriptor.fill(&buffer, at: offset, path: path)
    } catch {
      throw MetadataError(.unreadable(error.errno), in: path)
    }
  }
}
