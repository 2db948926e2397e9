// SPDX-License-Identifier: Apache-2.0

import CheckpointStore

/// What to tell somebody who asked for hard links and did not get any.
struct LinkWarning {
  let lines: [String]

  /// - Parameter linking: whether the source's files may be linked.
  init(_ policy: IngestPolicy, linking: Bool) {
    lines =
      policy == .link && !linking
      ? [
        "nothing was hard-linked, all new files were copied: whoever uses the directory, which is a database's or has a "
          + "LOCK file as one, may write to its files in place later"
      ] : []
  }
}
