// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
package import SystemPackage

/// Reads the blobs of a store one after the other, over and over, those first that nobody has read for the longest time.
///
/// Where it is it knows from the catalog, which notes what it, or `fsck`, has read: it goes on there after any end. It holds
/// nothing between two steps.
public struct Scrub: Sendable {
  /// What a step did.
  public struct Step: Sendable {
    public let readBytes: Int64
    /// What is damaged, and was not told in the last day; the blobs are condemned.
    public let problems: [Problem]
    /// How long to wait before the next step.
    public let pause: Duration
  }

  /// What is read at a time: little enough for others, much enough for few transactions.
  private static let portionTime = Duration.seconds(60)
  private static let portionBytes: Int64 = 64 << 20
  private static let portionBlobs = 256
  /// How long what was told is not told again.
  private static let silence = Duration.seconds(86_400)

  private let path: FilePath
  private let rate: ScrubRate
  private let cancellation: Cancellation
  private var told: [BlobName: ContinuousClock.Instant] = [:]

  package init(of path: FilePath, at rate: ScrubRate, cancellation: Cancellation) {
    self.path = path
    self.rate = rate
    self.cancellation = cancellation
  }

  /// Reads what is due, at least one blob.
  public mutating func step() throws(StoreError) -> Step {
    try translating {
      told = told.filter { .now - $0.value < Self.silence }
      // Opened each time: a catalog that is rebuilt in between is the one to use then.
      let store = try Store(at: path)
      let statistics = try store.catalog.statistics()
      let total = statistics.blobBytes + statistics.unreferencedBytes
      let counter = ByteCounter(total: 0, handler: nil)
      let (readings, findings) = try read(store, total, counter)
      try store.catalog.noteRead(readings, now: Timestamp(nanoseconds: WallClock.now()))
      for finding in findings { told[finding.blob.name] = .now }
      return Step(
        readBytes: counter.count, problems: try problems(findings, store),
        pause: rate.pause(afterReading: counter.count, of: total))
    }
  }

  private func read(
    _ store: Store, _ total: Int64, _ counter: ByteCounter
  ) throws -> (readings: [Reading], findings: [BlobFinding]) {
    let limit = min(Self.portionBytes, rate.bytes(in: Self.portionTime, of: total))
    let examination = BlobExamination(
      store: store, depth: .all(since: nil), cancellation: cancellation, counter: counter)
    var readings: [Reading] = []
    var findings: [BlobFinding] = []
    let next = try store.catalog.leastRecentlyRead(limit: Self.portionBlobs + told.count)
    for blob in next.lazy.filter({ told[$0.record.name] == nil }).prefix(Self.portionBlobs) {
      do {
        let (finding, reading) = try examination.examine(blob)
        if let reading { readings.append(reading) }
        if finding.flaw != nil { findings.append(finding) }
      } catch is CancellationError {
        break
      }
      if counter.count >= limit || cancellation.isRequested { break }
    }
    return (readings, findings)
  }

  private func problems(_ findings: [BlobFinding], _ store: Store) throws -> [Problem] {
    try store.users(of: findings).compactMap { finding, users in
      finding.flaw.map { flaw in
        finding.problem(
          Problem.Kind(flaw), at: finding.path, hurting: users,
          "\(flaw); 'ckptfs fsck --repair' puts it right, with --source DIR where only another copy can"
        )
      }
    }
  }
}
