// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints

/// How a checkpoint is committed.
public struct CommitOptions: Hashable, Sendable {
  /// The next of the history for `nil`.
  public var number: CheckpointNumber?
  public var ingest: IngestPolicy
  /// A name that keeps the checkpoint from being dropped.
  public var tag: TagName?
  /// Takes a directory as it is, without asking its MANIFEST what must be there.
  public var isUnchecked: Bool

  /// Where the latest checkpoint has the same content, it stands for the one that would be taken, and is reported as
  /// existing.
  public var omitsUnchanged: Bool

  public init(
    number: CheckpointNumber? = nil, ingest: IngestPolicy = .auto, tag: TagName? = nil,
    isUnchecked: Bool = false, omitsUnchanged: Bool = false
  ) {
    self.number = number
    self.ingest = ingest
    self.tag = tag
    self.isUnchecked = isUnchecked
    self.omitsUnchanged = omitsUnchanged
  }
}
