// SPDX-License-Identifier: Apache-2.0

import Checkpoints
package import SystemPackage

/// What a restore wrote.
package enum RestoredDirectory {
  /// - Throws: ``Violation`` unless it holds exactly the files of the checkpoint.
  package static func check(
    _ directory: FilePath, against checkpoint: Model.Checkpoint?
  ) throws {
    guard let checkpoint else { throw Violation("P1", "what was restored was never committed") }
    let found = try FileTree.contents(of: directory).mapValues { Digest(hashing: $0) }
    let expected = checkpoint.entries.compactMapValues { $0?.digest }
    guard found == expected else {
      throw Violation(
        "P1",
        "restored were \(found.keys.sorted()) instead of \(expected.keys.sorted()), or with other "
          + "contents")
    }
  }
}
