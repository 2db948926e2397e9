// SPDX-License-Identifier: Apache-2.0

import BlobStore

/// How contents come out of the store.
public enum RestoreMode: String, CaseIterable, Hashable, Sendable {
  /// Reflink, else a copy; rot is found in either way.
  case auto
  /// At once, and with whatever rot there is: nothing is read.
  case reflink
  /// Hard links for files that RocksDB never changes: fast, but whoever writes to one in place, or changes its owner
  /// or mode, does so to the store's blob too. They are not read. Other files are as with `auto`.
  case link
  case copy

  /// How a file that is not linked is written.
  var exportMode: ExportMode {
    switch self {
    case .auto, .link: .automatic
    case .reflink: .reflink
    case .copy: .copy
    }
  }
}
