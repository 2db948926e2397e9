// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
package import SystemPackage

/// The room that the kernel gave for one listing.
package struct DirectoryBuffer: ~Copyable {
  private(set) var entries: DirectoryEntries

  init(capacity: Int) {
    entries = DirectoryEntries(capacity: capacity)
  }

  /// Appends one entry, or returns false and changes nothing when it does not fit.
  ///
  /// - Parameter nextOffset: where a listing goes on that was interrupted after this entry.
  /// - Throws: `Errno.invalidArgument` or `.fileNameTooLong` for what cannot be a file's name.
  package mutating func append(
    name: [UInt8], node: NodeID, type: FileType, nextOffset: DirectoryOffset
  ) throws(Errno) -> Bool {
    let status = DirectoryEntries.status(of: node, type)
    return unsafe try entries.append(name) { space, name in
      unsafe withUnsafePointer(to: status) { status in
        unsafe fuse_add_direntry(
          nil, space.baseAddress, space.count, name, status, off_t(nextOffset.rawValue))
      }
    }
  }
}
