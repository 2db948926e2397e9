// SPDX-License-Identifier: Apache-2.0

import Catalog
package import Checkpoints
import LinuxFiles
package import SystemPackage

/// Reads the blobs of a store one after the other, over and over, those first that nobody has read for the longest time.
///
/// Where it is it knows from the catalog, which notes what it, or `fsck`, has read, and when: it goes on there after any end, and
/// not before the pause is over that what was read last asks for. It holds nothing between two steps.
public struct Scrub: Sendable {
  /// What was found, and whom it hurts.
  public struct Finding: Sendable {
    fileprivate let blob: BlobName
    public let problem: Problem
  }

  /// What a step did.
  public struct Step: Sendable {
    public let readBytes: Int64
    /// What is damaged, and was not told in the last day, by ``Scrub/noteTold(_:)``; rotten blobs are condemned.
    public let findings: [Finding]
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
  private let progress: ProgressHandler?
  private var told: [BlobName: ContinuousClock.Instant] = [:]
  /// Found, and not told yet: what is condemned no later step finds again.
  private var untold: [BlobName: BlobFinding] = [:]
  private let now: @Sendable () -> Timestamp
  private var hasBegun = false

  /// - Parameters:
  ///   - progress: called while a blob is read, which may be a large one.
  ///   - now: what time it is; it may jump.
  package init(
    of path: FilePath, at rate: ScrubRate, cancellation: Cancellation,
    progress: ProgressHandler? = nil,
    now: @escaping @Sendable () -> Timestamp = { Timestamp(nanoseconds: WallClock.now()) }
  ) {
    self.path = path
    self.rate = rate
    self.cancellation = cancellation
    self.now = now
    self.progress = progress
  }

  /// To be called when somebody has heard of it: until then each step tells it.
  public mutating func noteTold(_ finding: Finding) {
    untold[finding.blob] = nil
    told[finding.blob] = .now
  }

  /// Reads what is due, at least one blob; nothing, at first, until that is due.
  public mutating func step() throws(StoreError) -> Step {
    try translating {
      told = told.filter { .now - $0.value < Self.silence }
      // Opened each time: a catalog that is rebuilt in between is the one to use then.
      let store = try Store(at: path)
      let statistics = try store.catalog.statistics()
      let total = statistics.blobBytes + statistics.unreferencedBytes
      if let rest = try restOfPause(in: store, total) {
        return Step(readBytes: 0, findings: [], pause: rest)
      }
      let counter = ByteCounter(total: 0, handler: progress)
      let examination = BlobExamination(
        store: store, depth: .all(since: nil), cancellation: cancellation, counter: counter)
      let (readings, found) = try read(store, total, examination)
      for finding in found { untold[finding.blob.name] = finding }
      try examination.condemning.check()
      try store.catalog.noteRead(readings, now: now())
      return Step(
        readBytes: counter.count, findings: try findings(in: store),
        pause: rate.pause(afterReading: counter.count, of: total))
    }
  }

  /// How long the pause still lasts that somebody's last reading asks for, when this one has not read anything yet: who begins anew
  /// after each end would read faster than was asked for.
  private mutating func restOfPause(in store: Store, _ total: Int64) throws -> Duration? {
    if hasBegun { return nil }
    hasBegun = true
    guard let last = try store.catalog.lastReadings() else { return nil }
    let pause = rate.pause(afterReading: last.bytes, of: total)
    // A clock that was set back must not make it longer.
    let passed = max(0, now().nanoseconds - last.time.nanoseconds)
    let rest = pause - .nanoseconds(passed)
    return rest > .zero && last.bytes > 0 ? rest : nil
  }

  private func read(
    _ store: Store, _ total: Int64, _ examination: BlobExamination
  ) throws -> (readings: [Reading], findings: [BlobFinding]) {
    let limit = min(Self.portionBytes, rate.bytes(in: Self.portionTime, of: total))
    var readings: [Reading] = []
    var findings: [BlobFinding] = []
    let next = try store.catalog.leastRecentlyRead(
      limit: Self.portionBlobs + told.count + untold.count)
    let due = next.lazy.filter { told[$0.record.name] == nil && untold[$0.record.name] == nil }
    for blob in due.prefix(Self.portionBlobs) {
      do {
        let (finding, reading) = try examination.examine(blob)
        if let reading { readings.append(reading) }
        if finding.flaw != nil { findings.append(finding) }
      } catch is CancellationError {
        break
      }
      if examination.counter.count >= limit || cancellation.isRequested { break }
    }
    return (readings, findings)
  }

  private mutating func findings(in store: Store) throws -> [Finding] {
    let stored = try store.users(
      of: untold.values.sorted { $0.blob.name.incarnation < $1.blob.name.incarnation })
    // The others were collected.
    untold = Dictionary(
      uniqueKeysWithValues: stored.map { ($0.finding.blob.name, $0.finding) })
    return stored.compactMap { finding, users in
      finding.flaw.map { flaw in
        Finding(
          blob: finding.blob.name,
          problem: finding.problem(
            Problem.Kind(flaw), at: finding.path, hurting: users,
            "\(flaw); 'ckptfs fsck --repair' puts it right, with --source DIR where only another copy can"
          ))
      }
    }
  }
}
