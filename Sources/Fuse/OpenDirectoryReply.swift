// SPDX-License-Identifier: Apache-2.0
internal import CFuse

/// How an opened directory is listed from here on.
package struct OpenDirectoryReply: Hashable, Sendable {
  package enum Mode: Hashable, Sendable {
    /// Each listing comes to the file system.
    case uncached
    /// The kernel keeps the listing. With `keepCache`, one kept by an earlier open is still used;
    /// ``Notifier/invalidateNode(_:offset:length:)`` of the directory at offset 0 drops it.
    case cached(keepCache: Bool)
  }

  package var handle: FileHandle
  package var mode: Mode

  package init(handle: FileHandle, mode: Mode) {
    self.handle = handle
    self.mode = mode
  }
}

extension OpenDirectoryReply {
  func fill(_ information: inout fuse_file_info) {
    information.fh = handle.rawValue
    if case .cached(let keepCache) = mode {
      information.cache_readdir = 1
      information.keep_cache = keepCache ? 1 : 0
    }
  }
}
