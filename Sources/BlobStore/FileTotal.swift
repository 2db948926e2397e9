// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// How many files there are, and their bytes.
package struct FileTotal: Hashable, Sendable {
  package private(set) var files: Int
  package private(set) var bytes: UInt64

  package init(files: Int = 0, bytes: UInt64 = 0) {
    (self.files, self.bytes) = (files, bytes)
  }

  package static func += (total: inout FileTotal, other: FileTotal) {
    total.files += other.files
    total.bytes = total.bytes.addingSaturated(other.bytes)
  }
}
