// SPDX-License-Identifier: Apache-2.0

/// One path of a checkpoint and what is there.
public struct Entry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A file that RocksDB never changes (SST, `.blob`): one inode in all checkpoints that hold it.
    case shared(Content)
    /// Any other file: an inode of its own in each checkpoint, though its content is stored once.
    case own(Content)
    case directory
    /// A symbolic link to what `target` names from the directory that holds it. Stores keep none.
    case link(target: [UInt8])
  }

  public let path: EntryPath
  public let kind: Kind

  public init(path: EntryPath, kind: Kind) {
    self.path = path
    self.kind = kind
  }

  public var content: Content? {
    switch kind {
    case .shared(let content), .own(let content): content
    case .directory, .link: nil
    }
  }

  public var isShared: Bool {
    if case .shared = kind { true } else { false }
  }
}
