// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct StatisticsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Tell how large the store is and what sharing saves.",
    discussion: "Example: ckptfs stats --json")

  @OptionGroup var store: StoreOptions

  func run() throws {
    let store = try store.open()
    try self.store.format.print(
      StatisticsReport(
        try store.statistics(), try store.pendingShards(), try store.readingAge()))
  }
}

private struct StatisticsReport: Report {
  let histories: Int64
  let checkpoints: Int64
  let blobs: Int64
  let blobBytes: Int64
  let logicalBytes: Int64
  let unreferencedBlobs: Int64
  let unreferencedBytes: Int64
  let pendingCheckpoints: Int64
  /// Those of them that wait for shards.
  let pending: [PendingListing]
  /// Of contents that fsck and scrubbing have not read yet.
  let neverReadBytes: Int64
  /// And of those that they have not read within 30 days, or never.
  let notRecentlyReadBytes: Int64
  /// When they read what they have not read since; absent when they have read nothing.
  let oldestReading: String?

  init(_ statistics: StoreStatistics, _ pending: [PendingShards], _ age: ReadingAge) {
    neverReadBytes = age.neverReadBytes
    notRecentlyReadBytes = age.notRecentlyReadBytes
    oldestReading = age.oldest.map(Quantities.time)
    histories = statistics.histories
    checkpoints = statistics.checkpoints
    blobs = statistics.blobs
    blobBytes = statistics.blobBytes
    logicalBytes = statistics.logicalBytes
    unreferencedBlobs = statistics.unreferencedBlobs
    unreferencedBytes = statistics.unreferencedBytes
    pendingCheckpoints = statistics.pendingCheckpoints
    self.pending = pending.map(PendingListing.init)
  }

  var lines: [String] {
    let pending = pendingCheckpoints > 0 ? ", \(pendingCheckpoints) more being taken" : ""
    let ratio =
      blobBytes > 0
      ? ": \(Quantities.decimal(Double(logicalBytes) / Double(blobBytes), digits: 1)) times the stored"
      : ""
    let lines = [
      "histories     \(histories)",
      "checkpoints   \(checkpoints)\(pending)",
      "full size     \(Quantities.bytes(logicalBytes)) as separate copies\(ratio)",
      "stored        \(Quantities.bytes(blobBytes)) in \(Quantities.count(blobs, "distinct file"))",
      "unreferenced  \(Quantities.bytes(unreferencedBytes)) in "
        + Quantities.count(unreferencedBlobs, "file")
        + (unreferencedBlobs > 0 ? "; 'ckptfs gc' reclaims what nothing in flight needs" : ""),
    ]
    return lines + [reading].compactMap(\.self)
      + self.pending.map { "pending       \($0.name) \($0.summary)" }
  }

  /// What 'fsck --read-data' and 'watch --scrub' have come to.
  private var reading: String? {
    guard let oldestReading else { return nil }
    let old = notRecentlyReadBytes - neverReadBytes
    let late = old > 0 ? ", \(Quantities.bytes(old)) not within 30 days" : ""
    let rest =
      late + (neverReadBytes > 0 ? ", but for \(Quantities.bytes(neverReadBytes)) not yet" : "")
    return "read          since \(oldestReading) by fsck or scrubbing\(rest)"
  }
}
