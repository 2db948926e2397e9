// SPDX-License-Identifier: Apache-2.0

import BlobStore

/// How contents come into the store.
public enum IngestPolicy: String, CaseIterable, Hashable, Sendable {
  /// Reflink, else a hard link for files that RocksDB never changes, else a copy.
  case auto
  case reflink
  /// A hard link for files that RocksDB never changes; others are copied.
  case link
  case copy

  /// - Parameter linking: whether the source may be hard-linked at all: only a checkpoint's directory may.
  func mode(of file: SeenFile, linking: Bool) -> IngestMode {
    let mayLink = linking && file.kind == .shared && !file.isWrittenInPlace
    return switch self {
    case .auto: .automatic(linking: mayLink || file.isGivenAway)
    case .reflink: .reflink
    case .link: mayLink ? .link : .automatic(linking: file.isGivenAway)
    case .copy: .copy
    }
  }
}
