// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Drop the checkpoints of a history that no rule keeps.",
    discussion: """
      A checkpoint is kept when one of the rules keeps it. Hours, days, weeks and months are those of UTC in which a \
      checkpoint completed; ones without are not counted. While a history is shorter than asked for, its oldest \
      checkpoint is kept, too. The latest is always kept, and so are tagged ones, unless --force is given: then only \
      those with a tag that --keep-tag names. All are dropped, or none; the space is free after 'ckptfs gc'.

      Example: ckptfs prune orders --keep-last 10 --keep-hourly 24 --keep-daily 7 --dry-run
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var retention: RetentionOptions

  @Flag(help: "Only tell what would be kept, by which rules, and what would be dropped.")
  var dryRun = false

  @Flag(help: "Drop tagged checkpoints, too, with their tags, where no rule keeps them.")
  var force = false

  @Argument(
    help: "The history.", completion: .history, transform: { try HistoryName($0) })
  var history: HistoryName

  func run() throws {
    let policy = retention.policy(dropsTagged: force)
    guard !policy.isEmpty else {
      throw Failure(
        .usage, "usage",
        "which checkpoints are to be kept? give at least one of --keep-last, --keep-hourly, --keep-daily, "
          + "--keep-weekly, --keep-monthly, --keep-tag and --keep-within; see 'ckptfs prune --help'"
      )
    }
    let store = try store.open(freeing: !dryRun)
    let plan = try store.retention(of: try store.history(named: history), by: policy)
    let preview = try store.dropPreview(plan.dropped, force: force)
    if !dryRun { try store.drop(plan.dropped, force: force) }
    try self.store.format.print(PruneReport(history, plan, preview, isDryRun: dryRun))
  }
}

private struct PruneReport: Report {
  struct Kept: Encodable {
    let number: Int64
    let reasons: [String]
  }

  struct Dropped: Encodable {
    let number: Int64
  }

  let history: String
  let kept: [Kept]
  let dropped: [Dropped]
  let releasedBlobs: Int64
  let releasedBytes: Int64
  let dryRun: Bool

  init(
    _ history: HistoryName, _ plan: RetentionPlan, _ preview: DropPreview, isDryRun: Bool
  ) {
    self.history = history.rawValue
    kept = plan.decisions.filter(\.isKept).map { decision in
      Kept(number: decision.number.rawValue, reasons: decision.reasons.map(\.description))
    }
    dropped = plan.dropped.map { Dropped(number: $0.number.rawValue) }
    releasedBlobs = preview.releasedBlobs
    releasedBytes = preview.releasedBytes
    dryRun = isDryRun
  }

  var deed: String? {
    guard !dryRun, !dropped.isEmpty else { return nil }
    return "prune dropped \(Quantities.count(dropped.count, "checkpoint")) of \(history)"
  }

  var lines: [String] { (dryRun ? explanation : []) + summary }

  /// A line for each checkpoint, by number.
  private var explanation: [String] {
    let lines =
      kept.map { ($0.number, "chk-\($0.number) kept: \($0.reasons.joined(separator: ", "))") }
      + dropped.map { ($0.number, "chk-\($0.number) dropped") }
    return lines.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private var summary: [String] {
    [
      "\(dryRun ? "would drop" : "dropped") \(Quantities.count(dropped.count, "checkpoint")) of \(history), "
        + "\(dryRun ? "keep" : "kept") \(kept.count)",
      "\(dryRun ? "would release" : "released") \(Quantities.bytes(releasedBytes)) in "
        + Quantities.count(releasedBlobs, "file") + " that no other checkpoint has"
        + (dryRun || dropped.isEmpty ? "" : "; 'ckptfs gc' reclaims the space"),
    ]
  }
}
