// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// What a source holds at one moment, in numbers.
struct StoreSurvey: Sendable {
  /// The newest checkpoint of a history: the one that `latest` leads to.
  struct Newest: Hashable, Sendable {
    let checkpoint: CheckpointReference
    let completed: Timestamp
  }

  /// So many histories are told of one by one: a monitoring system keeps a series for each.
  static let greatestNumberListed = 1000

  /// `nil` where the source cannot tell.
  let sizes: StoreStatistics?
  /// `nil` where nobody notes what was read.
  let reading: ReadingAge?
  private(set) var histories = 0
  /// Of the histories that began first, in the order in which they began.
  private(set) var listed: [Newest] = []
  /// Of all histories, the one that waits for a newer one longest.
  private(set) var stalest: Newest?
  /// Of all histories.
  private(set) var newest: Newest?

  init(_ source: any Source) throws(SourceError) {
    sizes = try source.statistics()
    reading = try source.readingAge()
    var last: HistoryID?
    while true {
      let portion = try source.histories(after: last, limit: CheckpointTree.portion)
      guard let end = portion.last else { return }
      last = end.id
      for history in portion {
        // Without a checkpoint it was dropped as a whole meanwhile.
        guard let latest = try source.latestCheckpoint(of: history.id) else { continue }
        add(
          Newest(
            checkpoint: CheckpointReference(history: history.name, number: latest.number),
            completed: latest.completed))
      }
    }
  }

  private mutating func add(_ next: Newest) {
    histories += 1
    if listed.count < Self.greatestNumberListed { listed.append(next) }
    if stalest.map({ next.completed < $0.completed }) ?? true { stalest = next }
    if newest.map({ next.completed > $0.completed }) ?? true { newest = next }
  }
}
