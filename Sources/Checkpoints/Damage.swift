// SPDX-License-Identifier: Apache-2.0

/// What a damaged blob hurts.
public struct Damage: Hashable, Sendable {
  public let blob: BlobName
  /// Some of the completed checkpoints that need it.
  public let checkpoints: [CheckpointReference]

  public init(blob: BlobName, checkpoints: [CheckpointReference]) {
    self.blob = blob
    self.checkpoints = checkpoints
  }
}
