// SPDX-License-Identifier: Apache-2.0
internal import CFuse

/// How an opened file is read from here on.
package struct OpenReply: Hashable, Sendable {
  package enum Mode: Hashable, Sendable {
    /// Through the kernel's page cache. With `keepCache`, pages of earlier opens stay valid: right
    /// where a node's bytes never change.
    case cached(keepCache: Bool)
    /// Each read comes to the file system as it was called, and may go beyond the size that the
    /// attributes tell.
    case direct
    /// The kernel reads the file beneath by itself, and never asks for a read.
    ///
    /// While a node is open so, all who open it must be given this mode or ``directBesidePassthrough(_:)`` with the same
    /// file, and while it is open otherwise nobody may be: else their open fails with `EIO`.
    case passthrough(BackingFile)
    /// As ``direct``, for a node that others have open with this file in the mode ``passthrough(_:)``. Who maps it gets that file.
    case directBesidePassthrough(BackingFile)
  }

  package var handle: FileHandle
  package var mode: Mode

  package init(handle: FileHandle, mode: Mode) {
    self.handle = handle
    self.mode = mode
  }
}

extension OpenReply {
  /// `noflush` is always set: what cannot be written needs no message at each close.
  func fill(_ information: inout fuse_file_info) {
    information.fh = handle.rawValue
    information.noflush = 1
    switch mode {
    case .cached(let keepCache): information.keep_cache = keepCache ? 1 : 0
    case .direct: information.direct_io = 1
    case .passthrough, .directBesidePassthrough:
      preconditionFailure("libfuse's reply has no room for a backing file")
    }
  }
}
