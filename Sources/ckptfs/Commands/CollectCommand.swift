// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct CollectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Reclaim the space of what no checkpoint refers to any more.",
    discussion: """
      Safe at any time, beside anything: what a running commit or restore relies on stays. Refused while a catalog that was made \
      anew lacks a checkpoint whose manifest is there: what that needs is not known.

      Example: ckptfs gc --dry-run
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Only tell what would be removed.")
  var dryRun = false

  func run() throws {
    let store = try store.open(freeing: !dryRun)
    let report = try dryRun ? store.collectableGarbage() : store.collectGarbage()
    try self.store.format.print(
      CollectReport(report, remaining: store.statistics(), isDryRun: dryRun))
  }
}

private struct CollectReport: Report {
  let removedBlobs: Int
  let removedBytes: UInt64
  let removedLeftovers: Int
  /// What nothing refers to, and something in flight relies on.
  let keptBlobs: Int64
  let keptBytes: Int64
  let pendingCheckpoints: Int64
  let dryRun: Bool

  init(_ report: CollectionReport, remaining: StoreStatistics, isDryRun: Bool) {
    removedBlobs = report.removedBlobs
    removedBytes = report.removedBytes
    removedLeftovers = report.removedLeftovers
    keptBlobs = max(0, remaining.unreferencedBlobs - (isDryRun ? Int64(report.removedBlobs) : 0))
    keptBytes = max(
      0, remaining.unreferencedBytes - (isDryRun ? Int64(clamping: report.removedBytes) : 0))
    pendingCheckpoints = remaining.pendingCheckpoints
    dryRun = isDryRun
  }

  var deed: String? {
    dryRun ? nil : "gc removed \(Quantities.count(removedBlobs, "unreferenced file"))"
  }

  var lines: [String] {
    var lines = [
      "\(dryRun ? "would remove" : "removed") \(Quantities.count(removedBlobs, "unreferenced file")), "
        + Quantities.bytes(removedBytes)
    ]
    if removedLeftovers > 0 {
      lines.append(
        "removed \(Quantities.count(removedLeftovers, "leftover")) of interrupted commands")
    }
    if keptBlobs > 0 {
      let pending =
        pendingCheckpoints > 0
        ? " (\(Quantities.count(pendingCheckpoints, "checkpoint")) being taken)" : ""
      lines.append(
        "kept \(Quantities.count(keptBlobs, "unreferenced file")), \(Quantities.bytes(keptBytes)), that "
          + "something in flight relies on\(pending); run gc again later")
    }
    return lines
  }
}
