// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import SystemPackage

/// A completed checkpoint or savepoint of Flink.
struct FlinkCheckpoint {
  let found: FoundCheckpoint
  let record: CheckpointRecord
  let summary: CheckpointSummary
}
