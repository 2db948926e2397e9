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

  public init(
    number: CheckpointNumber? = nil, ingest: IngestPolicy = .auto, tag: TagName? = nil,
    isUnchecked: Bool = false
  ) {
    self.number = number
    self.ingest = ingest
    self.tag = tag
    self.isUnchecked = isUnchecked
  }
}
