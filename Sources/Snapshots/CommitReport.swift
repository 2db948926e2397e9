// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What committing a checkpoint came to.
public struct CommitReport: Sendable {
  public let history: HistoryName
  public let number: CheckpointNumber
  public let files: Int64
  /// Files whose contents were not in the store before.
  public let newFiles: Int64
  /// Files whose contents were there already.
  public let keptFiles: Int64
  /// The sizes of all its files.
  public let fullBytes: Int64
  /// The sizes of the contents that were not in the store before, each once.
  public let newBytes: Int64
  public let duration: Duration
  /// The number was completed earlier with identical content; nothing was stored.
  public let isExisting: Bool
  /// The tag that was given to it now.
  public let newTag: TagName?
  /// Files left out on purpose, since no checkpoint needs them; sorted.
  public let skipped: [EntryPath]
  /// What the user should know though it did not stop the commit, each on a line.
  public let warnings: [String]
}
