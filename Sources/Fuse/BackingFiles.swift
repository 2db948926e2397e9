// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
package import SystemPackage

/// Where a session registers files that the kernel is to read by itself.
///
/// Usable from any thread once the session serves; after it has ended nothing can be registered.
package struct BackingFiles: Sendable {
  let session: SessionHandle

  /// Registers what `file` has open for reading; the kernel keeps it open, so `file` may be closed.
  ///
  /// - Throws: `Errno.notPermitted` without CAP_SYS_ADMIN, `.tooManySymbolicLinkLevels` (ELOOP) when the file lies
  ///   on a file system that lies on another, such as overlayfs.
  package func register(_ file: FileDescriptor) throws(Errno) -> BackingFile {
    let result = unsafe session.notify { session in
      let id = unsafe fuse_kernel_backing_open(fuse_session_fd(session), file.rawValue)
      return id > 0 ? id : -errno
    }
    guard let result else { throw .operationNotSupportedByDevice }
    guard result > 0 else { throw Errno(rawValue: -result) }
    return BackingFile(id: result, session: session)
  }

  /// Fails as registering any file would: for lack of the privilege.
  package func probe() throws(Errno) {
    let memory = FileDescriptor(rawValue: fuse_kernel_memory_file())
    guard memory.rawValue >= 0 else { throw Errno(rawValue: errno) }
    defer { close(memory.rawValue) }
    try probe(memory)
  }

  /// Fails as registering any file that lies beside this one would.
  package func probe(_ file: FileDescriptor) throws(Errno) {
    _ = try register(file)
  }
}
