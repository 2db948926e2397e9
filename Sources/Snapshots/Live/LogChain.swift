// SPDX-License-Identifier: Apache-2.0

import RocksDB
import SystemPackage

/// The logs of a live snapshot, oldest first, and whether they hold all that was written to logs.
struct LogChain {
  let directory: FilePath
  let logs: [LogContents]
  private let run: SequenceRun

  init(_ logs: [LogContents], of directory: FilePath) {
    self.logs = logs
    self.directory = directory
    var run = SequenceRun()
    for log in logs { run.append(log) }
    self.run = run
  }

  /// Its batches cannot be looked into, so that nothing proves that no number is missing.
  var isCompressed: Bool { logs.contains { $0.isCompressed } }

  /// The greatest sequence number in the logs; `nil` when there is none.
  var lastSequence: UInt64? { run.sequences.isEmpty ? nil : run.sequences.upperBound - 1 }

  /// Whether the log `first` begins it and every sequence number from there to its end is in it, so that no log between
  /// can have been missed.
  func isWhole(from first: FileNumber) -> Bool {
    !isCompressed && logs.first?.number == first && run.gaps.isEmpty && !run.hasMoreGaps
      && !run.goesBack
  }

  /// Refuses what the recipe cannot cover.
  ///
  /// - Throws: code `unsupported`; ``Unsettled`` where the reason may be that a log came and went unseen.
  func check(_ description: DatabaseDescription) throws {
    if logs.contains(where: \.isTwoPhase) {
      throw LiveSettings.refusal(
        directory,
        "has transactions of two phases in its logs, which were prepared apart from "
          + "being committed")
    }
    if logs.contains(where: \.isRecyclable) {
      throw LiveSettings.refusal(directory, "writes new logs over old ones in place")
    }
    if let family = description.columnFamilies.first(where: \.skipsLog) {
      throw LiveSettings.refusal(
        directory,
        "is written to without its log (disableWAL), as column family '\(family.name)' was flushed "
          + "while its log was empty: what is in memory cannot be reached")
    }
    if isCompressed { return }
    if run.goesBack {
      throw Unsettled(
        lasting: SnapshotError(
          .damaged,
          "the sequence numbers in the logs of '\(directory)' go back: they are of two "
            + "databases, or were written over"))
    }
    try checkGaps(description.tables)
    try checkTables(description.tables)
  }

  /// An ingested table has one sequence number for all its rows, which is in no log.
  private func checkGaps(_ tables: [LiveTable]) throws {
    if run.gaps.isEmpty && !run.hasMoreGaps { return }
    let ingested = Set(
      tables.lazy.filter { $0.smallestSequence == $0.largestSequence }.map(\.largestSequence))
    let unexplained = run.gaps.first { gap in
      gap.count > ingested.count || gap.contains { !ingested.contains($0) }
    }
    if let gap = unexplained ?? (run.hasMoreGaps ? run.gaps.last : nil) {
      throw skipped(gap.lowerBound...(gap.upperBound - 1))
    }
  }

  /// Whatever a table holds of the time that the logs cover was in the logs first.
  private func checkTables(_ tables: [LiveTable]) throws {
    guard let last = lastSequence else { return }
    let beyond = tables.first { table in
      table.largestSequence > last && table.largestSequence < LogBatch.maximumSequence
        && table.smallestSequence != table.largestSequence
    }
    if let beyond {
      throw skipped(max(beyond.smallestSequence, last + 1)...beyond.largestSequence)
    }
  }

  private func skipped(_ numbers: ClosedRange<UInt64>) -> Unsettled {
    let which =
      numbers.count == 1
      ? "\(numbers.lowerBound) is" : "\(numbers.lowerBound) to \(numbers.upperBound) are"
    return Unsettled(
      lasting: LiveSettings.refusal(
        directory,
        "is written to without its log (disableWAL), or had a log removed: sequence number \(which) "
          + "in none"))
  }
}
