// SPDX-License-Identifier: Apache-2.0
internal import CFuse

/// What kernel and file system agree on when a session begins.
package struct Connection: Sendable {
  package struct Capabilities: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// Several reads of one handle at a time, not necessarily in order.
    package static let asynchronousRead = Self(rawValue: UInt32(FUSE_CAP_ASYNC_READ))
    /// "." and ".." are looked up as names; needed by NFS export.
    package static let exportSupport = Self(rawValue: UInt32(FUSE_CAP_EXPORT_SUPPORT))
    /// Replies from files go through a pipe by splice(2) instead of a buffer. Not always faster.
    package static let spliceWrite = Self(rawValue: UInt32(FUSE_CAP_SPLICE_WRITE))
    /// Cached pages are dropped when a node's mtime or size has changed.
    package static let automaticDataInvalidation = Self(
      rawValue: UInt32(FUSE_CAP_AUTO_INVAL_DATA))
    /// Cached pages are dropped only by the notifier.
    package static let explicitDataInvalidation = Self(
      rawValue: UInt32(FUSE_CAP_EXPLICIT_INVAL_DATA))
    /// Listings carry attributes.
    package static let readdirplus = Self(rawValue: UInt32(FUSE_CAP_READDIRPLUS))
    /// … only where the kernel guesses that somebody wants them.
    package static let adaptiveReaddirplus = Self(rawValue: UInt32(FUSE_CAP_READDIRPLUS_AUTO))
    /// Lookups and listings of one directory run at the same time.
    package static let parallelDirectoryOperations = Self(
      rawValue: UInt32(FUSE_CAP_PARALLEL_DIROPS))
    /// Targets of symbolic links stay in the page cache.
    package static let cachedSymbolicLinks = Self(rawValue: UInt32(FUSE_CAP_CACHE_SYMLINKS))
  }

  /// The kernel speaks version 7.this of the protocol.
  package let minorVersion: UInt32
  /// Where to register files that the kernel is to read by itself, once the session serves; `nil` when
  /// the kernel cannot (before Linux 6.9, or built without it).
  package let passthrough: BackingFiles?
  /// Whether files will be registered there.
  package var usesPassthrough = false
  /// Whether the kernel knows ``Notifier/expireNames()``.
  package var expiresNames: Bool { minorVersion >= FUSE_KERNEL_MINOR_OF_INC_EPOCH }

  /// What the kernel can do.
  package let available: Capabilities
  /// What the session will use; initially libfuse's choice. What is not available is left out.
  package var enabled: Capabilities
  /// In bytes; can only be lowered.
  package var maximumReadahead: UInt32
  /// How many readahead and asynchronous direct requests may wait at a time.
  package var maximumBackground: UInt32
}

extension Connection {
  /// What a kernel offers at least that speaks 7.`minorVersion` of the protocol.
  package init(minorVersion: UInt32) {
    self.init(fuse_conn_info(), minorVersion: minorVersion, passthrough: nil)
  }

  init(_ information: fuse_conn_info, minorVersion: UInt32, passthrough: BackingFiles?) {
    self.minorVersion = minorVersion
    self.passthrough = passthrough
    available = Capabilities(rawValue: information.capable)
    enabled = Capabilities(rawValue: information.want)
    maximumReadahead = information.max_readahead
    maximumBackground = information.max_background
  }

  /// libfuse ends a session that wants what the kernel lacks, hence the intersection.
  func fill(_ information: inout fuse_conn_info) {
    information.want = enabled.intersection(available).rawValue
    information.max_readahead = min(maximumReadahead, information.max_readahead)
    information.max_background = maximumBackground
  }
}
