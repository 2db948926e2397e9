// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An examination of all blobs that several threads work at.
final class SharedExamination: Sendable {
  let examination: BlobExamination
  let feed: BlobFeed
  let notes: ReadingNotes
  let notesReadings: Bool
  let findings = Mutex<[BlobFinding]>([])
  /// What one cannot do the others need not try.
  private let hasFailed = Atomic(false)

  init(
    examination: BlobExamination, feed: BlobFeed, notes: ReadingNotes, notesReadings: Bool
  ) {
    self.examination = examination
    self.feed = feed
    self.notes = notes
    self.notesReadings = notesReadings
  }

  func work() throws {
    do {
      while !hasFailed.load(ordering: .relaxed), let blob = try feed.next() {
        try examination.cancellation.check()
        let (finding, reading) = try examination.examine(blob)
        if !finding.isNothing { findings.withLock { $0.append(finding) } }
        if notesReadings, let reading { try notes.add(reading) }
      }
    } catch {
      hasFailed.store(true, ordering: .relaxed)
      throw error
    }
  }
}
