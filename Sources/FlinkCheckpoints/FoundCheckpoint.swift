// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// A directory with a `_metadata`: a completed checkpoint, unless that turns out to be damaged.
struct FoundCheckpoint: Hashable {
  /// Of the job, or of the savepoint itself, below what is shown; empty for that itself.
  let history: String
  /// The N of `chk-N`; `nil` for a savepoint, whose `_metadata` tells.
  let number: Int64?
  let directory: FilePath
  /// Of the `_metadata`.
  let status: FileStatus
}
