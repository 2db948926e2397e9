// SPDX-License-Identifier: Apache-2.0

/// The sequence numbers of batches that follow each other, in one log or several.
package struct SequenceRun: Equatable, Sendable {
  /// From the first to the last, with the gaps in between; empty at 0 when there are none.
  package private(set) var sequences: Range<UInt64> = 0..<0
  /// The first of the ranges that no batch has, ascending.
  package private(set) var gaps: [Range<UInt64>] = []
  package private(set) var goesBack = false
  /// There are more gaps than are kept.
  package private(set) var hasMoreGaps = false

  package init() {}

  mutating func append(_ batch: LogBatch) {
    // A batch that takes no number carries one all the same, which says nothing.
    if batch.count > 0 { append(batch.sequence..<batch.end) }
  }

  package mutating func append(_ log: LogContents) {
    guard !log.sequences.isEmpty else { return }
    append(log.sequences)
    for gap in log.gaps { add(gap) }
    goesBack = goesBack || log.goesBack
    hasMoreGaps = hasMoreGaps || log.gaps.count == LogContents.maximumGaps
  }

  private mutating func append(_ next: Range<UInt64>) {
    guard !sequences.isEmpty else {
      sequences = next
      return
    }
    if next.lowerBound < sequences.upperBound { goesBack = true }
    if next.lowerBound > sequences.upperBound { add(sequences.upperBound..<next.lowerBound) }
    sequences = sequences.lowerBound..<max(sequences.upperBound, next.upperBound)
  }

  private mutating func add(_ gap: Range<UInt64>) {
    if gaps.count < LogContents.maximumGaps { gaps.append(gap) } else { hasMoreGaps = true }
  }
}
