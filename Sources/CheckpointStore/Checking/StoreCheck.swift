// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// One run of checking the blobs of a store.
struct StoreCheck: Sendable {
  let store: Store
  let options: CheckOptions

  func run(_ progress: ProgressHandler?, _ report: inout CheckReport) throws {
    let owner = try owner()
    let pass = try options.readsData ? beginReading(&report) : nil
    let totals = try options.readsData ? store.catalog.readingTotals(pass) : (all: 0, read: 0)
    let counter = ByteCounter(earlier: totals.read, total: totals.all, handler: progress)
    let examination = BlobExamination(
      store: store,
      depth: options.readsData ? .all(since: pass) : options.repairs ? .suspects : .pages,
      cancellation: options.cancellation, counter: counter)
    let (findings, failure) = look(examination, pass, &report)
    let isComplete = failure == nil && !options.cancellation.isRequested
    if options.readsData {
      report.reading = CheckReport.Reading(
        resumed: pass?.isResumed == true ? pass?.began : nil, earlierBytes: totals.read,
        readBytes: isComplete ? counter.count : notedBytes(pass, totals.read),
        totalBytes: totals.all, isComplete: isComplete)
    }
    try note(findings, owner, isComplete: isComplete, &report)
    if let failure { throw failure }
    try examination.condemning.check()
    guard isComplete else { return }
    // Whoever interrupts repairs wants no more of it.
    if options.repairs { try options.cancellation.check() }
    try StrayBlobCheck(store: store).run(&report)
    if let pass { try finish(pass, &report) }
  }

  // MARK: The pass

  /// - Returns: `nil` where it cannot be noted how far the reading comes: it is done all the same.
  private func beginReading(_ report: inout CheckReport) throws(CatalogError) -> ReadingPass? {
    do throws(CatalogError) {
      return try store.catalog.beginReading(
        anew: options.readsAnew, now: Timestamp(nanoseconds: WallClock.now()))
    } catch {
      try noteUnnoted(error, &report)
      return nil
    }
  }

  private func finish(
    _ pass: ReadingPass, _ report: inout CheckReport
  ) throws(CatalogError) {
    do throws(CatalogError) {
      try store.catalog.finishReading(pass)
    } catch {
      try noteUnnoted(error, &report)
    }
  }

  private func noteUnnoted(
    _ error: CatalogError, _ report: inout CheckReport
  ) throws(CatalogError) {
    guard error.code == .io else { throw error }
    if report.notices.contains(where: { $0.kind == .unnotedReading }) { return }
    report.notices.append(
      Notice(
        kind: .unnotedReading, path: "catalog.sqlite", checkpoints: [],
        detail: "what was read could not all be noted, so another run reads it again: \(error)"))
  }

  /// What the next run need not read: of a file that was not read to its end it begins anew.
  private func notedBytes(_ pass: ReadingPass?, _ earlier: Int64) -> Int64 {
    // A catalog that fails now has nothing that one could rely on.
    guard let pass, let now = try? store.catalog.readingTotals(pass).read else { return 0 }
    return max(0, now - earlier)
  }

  // MARK: Looking

  /// - Returns: what was found, also where that came to an early end, and why it did.
  private func look(
    _ examination: BlobExamination, _ pass: ReadingPass?, _ report: inout CheckReport
  ) -> (findings: [BlobFinding], failure: (any Error)?) {
    let shared = SharedExamination(
      examination: examination, feed: BlobFeed(store.catalog), notes: ReadingNotes(store.catalog),
      notesReadings: pass != nil)
    var failure: (any Error)?
    do {
      try onThreads(options.jobs) { try shared.work() }
    } catch is CancellationError {
    } catch {
      failure = error
    }
    do {
      try shared.notes.flush()
      if let unnoted = shared.notes.failure { try noteUnnoted(unnoted, &report) }
    } catch {
      failure = failure ?? error
    }
    let findings = shared.findings.withLock(\.self)
      .sorted { $0.blob.name.incarnation < $1.blob.name.incarnation }
    return (findings, failure)
  }

  // MARK: Telling and repairing

  private func note(
    _ findings: [BlobFinding], _ owner: Ownership, isComplete: Bool, _ report: inout CheckReport
  ) throws {
    let (relevant, failure) = users(of: findings)
    let wanted = relevant.map(\.finding).filter { $0.flaw?.asksForContent == true }.map(\.blob)
    let repairs = options.repairs && isComplete && failure == nil && !relevant.isEmpty
    let sources =
      repairs
      ? ContentSources(options.sources, for: wanted, besides: store, options.cancellation) : nil
    var changes = AccessChanges()
    for (finding, users) in relevant {
      if let access = finding.access { changes.add(access, at: finding.path, neededBy: users) }
      if let flaw = finding.flaw { note(finding, flaw, users, sources, &report) }
    }
    report.notices += changes.notices(owner: owner) + (sources?.unreadable ?? [])
    if let failure { throw failure }
  }

  /// - Returns: where the catalog fails, all findings without whom they hurt.
  private func users(
    of findings: [BlobFinding]
  ) -> (relevant: [(finding: BlobFinding, users: [CheckpointReference])], failure: (any Error)?) {
    do {
      return (try store.users(of: findings), nil)
    } catch {
      return (findings.map { ($0, []) }, error)
    }
  }

  private func note(
    _ finding: BlobFinding, _ flaw: BlobFlaw, _ users: [CheckpointReference],
    _ sources: ContentSources?, _ report: inout CheckReport
  ) {
    switch repair(finding, flaw, sources) {
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
    case .failed(let reason):
      report.problems.append(
        finding.problem(
          Problem.Kind(flaw), at: finding.path, hurting: users,
          "\(flaw), and could not be repaired: \(reason)"))
    }
  }

  /// - Parameter sources: `nil` when nothing is to be repaired, or not any more.
  private func repair(
    _ finding: BlobFinding, _ flaw: BlobFlaw, _ sources: ContentSources?
  ) -> BlobRepair.Outcome {
    guard options.repairs else { return .left(flaw) }
    guard let sources, !options.cancellation.isRequested else {
      return .failed("the check did not come to its end")
    }
    let examination = BlobExamination(
      store: store, depth: .suspects, cancellation: options.cancellation,
      counter: ByteCounter(total: 0, handler: nil))
    do {
      return try BlobRepair(store: store, examination: examination, sources: sources)
        .repair(finding, flaw)
    } catch is CancellationError {
      return .failed("the check did not come to its end")
    } catch {
      return .failed(StoreError(error).message)
    }
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
}
