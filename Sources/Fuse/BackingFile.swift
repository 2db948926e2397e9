// SPDX-License-Identifier: Apache-2.0
internal import CFuse

/// A file that the kernel reads by itself for who opens a node with it.
///
/// Registered until the last reference goes. What was opened with it stays readable then, and the
/// room of a removed file is free once that is closed, too.
package final class BackingFile: Sendable {
  let id: Int32
  private let session: SessionHandle

  init(id: Int32, session: SessionHandle) {
    self.id = id
    self.session = session
  }

  deinit {
    // Where the session has ended the kernel has dropped it already.
    _ = unsafe session.notify { session in
      unsafe fuse_kernel_backing_close(fuse_session_fd(session), id)
    }
  }
}

extension BackingFile: Hashable {
  package static func == (left: BackingFile, right: BackingFile) -> Bool { left === right }

  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
