// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
import Synchronization

/// One run of checking the blobs of a store.
struct StoreCheck: Sendable {
  let store: Store
  let options: CheckOptions

  func run(_ progress: ProgressHandler?, _ report: inout CheckReport) throws {
    let pass =
      options.readsData
      ? try store.catalog.beginReading(
        anew: options.readsAnew, now: Timestamp(nanoseconds: WallClock.now())) : nil
    let totals = try pass.map(store.catalog.readingTotals)
    let counter = ByteCounter(
      earlier: totals?.read ?? 0, total: totals?.all ?? 0, handler: progress)
    let findings = try look(counter, pass)
    let isComplete = !options.cancellation.isRequested
    if let pass, let totals {
      // Of a file that was not read to its end the next run begins anew.
      let read =
        try isComplete
        ? counter.count : max(0, store.catalog.readingTotals(pass).read - totals.read)
      report.reading = CheckReport.Reading(
        resumed: pass.isResumed ? pass.began : nil, earlierBytes: totals.read, readBytes: read,
        totalBytes: totals.all, isComplete: isComplete)
    }
    try note(findings, &report)
    guard isComplete else { return }
    try checkStrayBlobs(&report)
    if let pass { try store.catalog.finishReading(pass) }
  }

  // MARK: Looking

  private func look(
    _ counter: ByteCounter, _ pass: ReadingPass?
  ) throws -> [BlobFinding] {
    let depth: BlobExamination.Depth =
      options.readsData ? .all(since: pass) : options.repairs ? .suspects : .pages
    let examination = BlobExamination(
      store: store, depth: depth, cancellation: options.cancellation, counter: counter)
    let looking = Looking(
      examination: examination, feed: BlobFeed(store.catalog), notes: ReadingNotes(store.catalog),
      notesReadings: options.readsData)
    let outcome = Result { try onThreads(options.jobs) { try looking.work() } }
    if options.readsData { try looking.notes.flush() }
    do {
      try outcome.get()
    } catch is CancellationError {}
    return looking.findings.withLock(\.self)
      .sorted { $0.blob.name.incarnation < $1.blob.name.incarnation }
  }

  /// What several threads share.
  private final class Looking: Sendable {
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

  // MARK: Telling and repairing

  private func note(_ findings: [BlobFinding], _ report: inout CheckReport) throws {
    let relevant = try store.users(of: findings)
    guard !relevant.isEmpty else { return }
    let wanted = relevant.map(\.finding).filter { $0.flaw?.asksForContent == true }.map(\.blob)
    let sources =
      options.repairs ? try ContentSources(options.sources, for: wanted, besides: store) : nil
    for (finding, users) in relevant {
      try note(finding, users, sources, &report)
    }
    report.notices += sources?.unreadable ?? []
  }

  private func note(
    _ finding: BlobFinding, _ users: [CheckpointReference], _ sources: ContentSources?,
    _ report: inout CheckReport
  ) throws {
    if let access = finding.access {
      report.notices.append(
        access.notice(path: finding.path, checkpoints: users, owner: try owner()))
    }
    guard let flaw = finding.flaw else { return }
    switch try sources.map({ try repair(finding, flaw, $0) }) ?? .left(flaw) {
    case .repaired(let deed):
      report.repaired.append(
        finding.problem(Problem.Kind(flaw), at: finding.path, hurting: users, deed))
    case .quarantined:
      report.problems.append(
        finding.problem(
          .quarantinedBlob, at: finding.quarantinePath, hurting: users,
          "\(flaw), and was moved to quarantine\(remedy(for: flaw, finding.kind))"))
    case .left(let flaw):
      report.problems.append(
        finding.problem(
          Problem.Kind(flaw), at: finding.path, hurting: users,
          "\(flaw)\(remedy(for: flaw, finding.kind))"))
    }
  }

  private func repair(
    _ finding: BlobFinding, _ flaw: BlobFlaw, _ sources: ContentSources
  ) throws -> BlobRepair.Outcome {
    let examination = BlobExamination(
      store: store, depth: .suspects, cancellation: options.cancellation,
      counter: ByteCounter(total: 0, handler: nil))
    return try BlobRepair(store: store, examination: examination, sources: sources)
      .repair(finding, flaw)
  }

  private func remedy(for flaw: BlobFlaw, _ kind: BlobKind) -> String {
    switch kind {
    case .page: return options.repairs ? "" : "; 'ckptfs fsck --repair' writes it anew"
    case .content:
      guard flaw.asksForContent else { return "" }
      return
        (options.sources.isEmpty
        ? "; 'ckptfs fsck --repair --source DIR' fetches it from a directory or store that has it"
        : "; no file in the sources has its content")
        + ", and committing the same content again heals this, too"
    }
  }

  /// Whoever owns the store's directory is whom to expect behind a mount of it.
  private func owner() throws(FileError) -> Ownership {
    let status = try FileStatus(following: store.path)
    return Ownership(user: status.user, group: status.group)
  }

  // MARK: Strays

  private func checkStrayBlobs(_ report: inout CheckReport) throws {
    var names: [BlobName] = []
    try store.blobs.forEachName { names.append($0) }
    for name in names where try !store.catalog.isKnown(name) {
      // Collection forgets a blob only after its file is gone.
      if try store.blobs.status(of: name) == nil { continue }
      report.problems.append(stray("blobs/\(name.description.prefix(2))/\(name)"))
    }
    for name in try store.blobs.quarantined() where try !store.catalog.isKnown(name) {
      guard try store.blobs.isQuarantined(name) else { continue }
      report.problems.append(stray("quarantine/\(name)"))
    }
  }

  private func stray(_ path: String) -> Problem {
    Problem(
      kind: .strayBlob, path: path, checkpoints: [],
      detail:
        "the catalog does not know this file, which may be a piece of a checkpoint: do not remove it; once every manifest "
        + "is right, 'ckptfs fsck --rebuild-catalog' finds whose it is, or hands it to 'ckptfs gc'")
  }
}
