// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
package import SystemPackage

/// Tells the kernel what it must not answer from memory any more.
///
/// To be called from any thread that holds no lock a ``FileSystem`` method may wait for, and *never
/// from such a method*: the kernel may hold the directory's lock for the very request that is being
/// served, and both would wait for ever. After the session has ended there is nothing left to
/// forget, and the calls do nothing.
package struct Notifier: Sendable {
  private let session: SessionHandle
  private let counters: SessionCounters

  init(_ session: SessionHandle, _ counters: SessionCounters) {
    self.session = session
    self.counters = counters
  }

  /// Forgets where `name` leads, or that it leads nowhere. Files open below it stay readable.
  ///
  /// That the kernel does not know the name is no error. It does not drop listings that it keeps of
  /// `parent`: ``invalidateNode(_:offset:length:)`` does.
  package func invalidateEntry(parent: NodeID, name: [UInt8]) throws(Errno) {
    // libfuse sends the byte after the name, too, as its end.
    let terminated = name + [0]
    unsafe try check(
      .name,
      session.notify { session in
        unsafe terminated.withUnsafeBytes { bytes in
          unsafe fuse_lowlevel_notify_inval_entry(
            session, parent.rawValue, bytes.assumingMemoryBound(to: CChar.self).baseAddress,
            name.count)
        }
      })
  }

  /// Forgets a node's attributes, and what it keeps of `length` bytes from `offset`: of a file its
  /// pages, of a directory its listing, of a symbolic link its target.
  ///
  /// - Parameters:
  ///   - offset: negative to forget the attributes only.
  ///   - length: 0 for all that follows `offset`.
  package func invalidateNode(
    _ node: NodeID, offset: Int64 = 0, length: Int64 = 0
  ) throws(Errno) {
    unsafe try check(
      .node,
      session.notify { session in
        unsafe fuse_lowlevel_notify_inval_inode(
          session, node.rawValue, off_t(offset), off_t(length))
      })
  }

  /// Forgets where all names lead, and which are not there, in one message: each is looked up again when
  /// it is next used, and its node's attributes with it.
  ///
  /// It does not drop listings. Only where ``Connection/expiresNames``.
  package func expireNames() throws(Errno) {
    unsafe try check(
      .allNames,
      session.notify { session in
        let size = MemoryLayout<fuse_kernel_out_header>.size
        var message = fuse_kernel_out_header(
          length: UInt32(size), error: FUSE_KERNEL_NOTIFY_INC_EPOCH, unique: 0)
        let sent = unsafe write(fuse_session_fd(session), &message, size)
        return sent == size ? 0 : -errno
      })
  }

  /// No such entry or node: not in the kernel's memory. No such device: unmounted a moment ago.
  private func check(_ kind: InvalidationKind, _ result: Int32?) throws(Errno) {
    guard let result else { return }
    let error = Errno(rawValue: -result)
    if error == .operationNotSupportedByDevice { return }
    guard result >= 0 || error == .noSuchFileOrDirectory else { throw error }
    counters.note(invalidation: kind)
  }
}
