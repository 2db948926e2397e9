// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
package import SystemPackage

/// The room that the kernel gave for one listing with attributes.
package struct DirectoryPlusBuffer: ~Copyable {
  private(set) var entries: DirectoryEntries

  init(capacity: Int) {
    entries = DirectoryEntries(capacity: capacity)
  }

  /// Appends one entry that is also a lookup, or returns false and changes nothing when it does not
  /// fit. If it fits, the kernel holds one more reference on the node until `forget`.
  ///
  /// Not for "." and "..", which are never looked up by a listing.
  ///
  /// - Parameter nextOffset: where a listing goes on that was interrupted after this entry.
  /// - Throws: `Errno.invalidArgument` or `.fileNameTooLong` for what cannot be a file's name.
  package mutating func append(
    name: [UInt8], entry: EntryReply, nextOffset: DirectoryOffset
  ) throws(Errno) -> Bool {
    try append(name, entry.parameters, nextOffset)
  }

  /// Appends one entry without a lookup: the name, node and type only.
  package mutating func append(
    name: [UInt8], node: NodeID, type: FileType, nextOffset: DirectoryOffset
  ) throws(Errno) -> Bool {
    var parameters = fuse_entry_param()
    parameters.attr = DirectoryEntries.status(of: node, type)
    return try append(name, parameters, nextOffset)
  }

  private mutating func append(
    _ name: [UInt8], _ parameters: fuse_entry_param, _ nextOffset: DirectoryOffset
  ) throws(Errno) -> Bool {
    unsafe try entries.append(name) { space, name in
      unsafe withUnsafePointer(to: parameters) { parameters in
        unsafe fuse_add_direntry_plus(
          nil, space.baseAddress, space.count, name, parameters, off_t(nextOffset.rawValue))
      }
    }
  }
}
