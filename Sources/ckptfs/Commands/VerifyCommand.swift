// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import FoundationEssentials
import LinuxFiles
import Snapshots
import SystemPackage

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Open checkpoints with RocksDB, and compare the checksum of every block.",
    discussion: """
      Of each database in a checkpoint, and so of each shard, the MANIFEST and the logs are read, every block of every table and every \
      record of every blob file is compared with its checksum, and the database is opened. Nothing of the store changes; what is \
      opened is a view in a temporary directory ($TMPDIR), to which only small files and logs are copied.

      This finds what was damaged before it came into the store, too; 'ckptfs fsck --read-data' finds what was damaged \
      since. Exit status 2 means damage, and each damaged file is named; 1 that something could not be verified, as \
      where a newer RocksDB wrote it, which is no damage.

      Example: ckptfs verify orders/latest; ckptfs verify orders; ckptfs verify --all
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "All checkpoints of all histories.")
  var all = false

  @Argument(
    help: ArgumentHelp(
      "The checkpoints; a history stands for all that it has.", valueName: "checkpoint"),
    completion: .historyOrCheckpoint)
  var checkpoints: [String] = []

  func validate() throws {
    if all != checkpoints.isEmpty {
      throw ValidationError("name checkpoints or histories, or give --all")
    }
  }

  func run() throws {
    let store = try store.open()
    let selected =
      try all ? everything(in: store) : checkpoints.flatMap { try select($0, in: store) }
    let working = FilePath(ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp")
    guard (try? FileStatus(following: working).kind) == .directory else {
      throw Failure(
        .absent, "no-such-directory",
        "'\(working)', where checkpoints are to be opened, is no directory; set $TMPDIR to one that can be written to"
      )
    }
    let verification = Verification(of: store, workingDirectory: working)
    var reports: [VerificationReport] = []
    var failure: SnapshotError?
    for (index, (history, checkpoint)) in selected.enumerated() {
      let verb =
        selected.count == 1 ? "verifying" : "verifying \(index + 1) of \(selected.count):"
      let line = ProgressLine(verb, self.store.format)
      do throws(SnapshotError) {
        reports.append(
          try verification.verify(checkpoint, of: history, progress: line?.handler))
      } catch {
        // Of many, one may be dropped meanwhile.
        if error.code != .store(.noSuchCheckpoint) || selected.count == 1 { failure = error }
      }
      line?.end()
      if failure != nil { break }
    }
    try tell(reports, failure)
  }

  /// Tells what was found, also before a failure; damage decides the status.
  private func tell(_ reports: [VerificationReport], _ failure: SnapshotError?) throws {
    if let failure, reports.isEmpty { throw failure }
    try store.format.print(VerifyReport(reports))
    if let failure { ErrorOutput.write(Failure(failure), asJSON: store.format.isJSON) }
    switch VerifyReport.outcome(of: reports) {
    case .damaged: throw EarlyEnd(status: .damaged)
    case .notVerified: throw EarlyEnd(status: .failed)
    case .sound: if let failure { throw EarlyEnd(status: Failure(failure).status) }
    }
  }

  private typealias Selected = (history: HistoryName, checkpoint: CheckpointRecord)

  private func everything(in store: Store) throws -> [Selected] {
    try store.histories().flatMap { history in
      try store.checkpoints(of: history).map { (history.name, $0) }
    }
  }

  private func select(_ text: String, in store: Store) throws -> [Selected] {
    if !text.contains("/") {
      let history = try store.history(named: HistoryName(text))
      return try store.checkpoints(of: history).map { (history.name, $0) }
    }
    let selector = try CheckpointSelector(text)
    return [(selector.history, try store.checkpoint(selector))]
  }
}
