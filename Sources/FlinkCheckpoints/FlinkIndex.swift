// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// What is below a directory at one moment; it never changes.
struct FlinkIndex {
  /// By id.
  let histories: [HistoryRecord]
  /// By number, per history.
  let checkpoints: [HistoryID: [FlinkCheckpoint]]
  let files: FileTable
  let damaged: [DamagedCheckpoint]
  private let places: [CheckpointID: (history: HistoryID, index: Int)]

  init(
    histories: [HistoryRecord], checkpoints: [HistoryID: [FlinkCheckpoint]], files: FileTable,
    damaged: [DamagedCheckpoint]
  ) {
    self.histories = histories
    self.checkpoints = checkpoints
    self.files = files
    self.damaged = damaged
    var places: [CheckpointID: (history: HistoryID, index: Int)] = [:]
    for (history, all) in checkpoints {
      for (index, checkpoint) in all.enumerated() {
        places[checkpoint.record.id] = (history, index)
      }
    }
    self.places = places
  }

  static func empty(_ finder: FileFinder) -> FlinkIndex {
    FlinkIndex(histories: [], checkpoints: [:], files: FileTable(finder: finder), damaged: [])
  }

  func checkpoint(_ id: CheckpointID) -> FlinkCheckpoint? {
    places[id].flatMap { checkpoints[$0.history]?[$0.index] }
  }
}
