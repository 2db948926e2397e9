// SPDX-License-Identifier: Apache-2.0

/// What a search for files that no checkpoint uses came to. It is of the moment when it ended.
package struct Unreferenced: Sendable {
  /// Sorted by path; none has the name of a file that a checkpoint refers to. Another job that was restored from here may use them.
  package let files: [UnreferencedFile]
  /// How many checkpoints could be read, and so could refer to a file.
  package let checkpoints: Int
  /// Checkpoints that could not be read, or were not looked for where they lie. What only these refer to is among the files,
  /// except for what is in their own directories.
  package let unread: [DamagedCheckpoint]
}
