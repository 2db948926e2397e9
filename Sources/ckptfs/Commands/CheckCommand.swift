// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import SystemPackage

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fsck",
    abstract: "Check that the store holds what its catalog says, and repair what can be.",
    discussion: """
      Exit status 2 means damage was found; a notice, as of a file that got another owner or mode, is none. \
      Without --read-data, presence, size and time of every file are compared; with it, every byte is read, several \
      files at a time. What was read is noted: interrupted, by Ctrl-C or by a loss of power, the next run goes on there, \
      and reads again what was changed since; --restart reads everything again.

      --repair puts counts and links in the catalog right, writes manifests and pages anew, accepts a file whose time changed if its \
      content is right, and fetches lost contents by digest from each --source: any directory, as the live database's or \
      an old checkpoint's, or another store. A bad file for which there is no other is moved to STORE/quarantine, and stays there \
      until its content comes back, or nothing needs it; mounts refuse exactly that file.

      --rebuild-catalog makes a lost catalog anew from the manifests; no other command may use the store meanwhile. \
      A catalog that can be read and has more than that would give is not replaced: --repair writes the manifests anew.

      With flink:DIR, files that Flink's checkpoints refer to are looked for, and compared with the recorded sizes.

      Example: ckptfs fsck --read-data; ckptfs fsck --repair --source /var/lib/orders; ckptfs fsck flink:/flink/checkpoints
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var mapping: MappingOptions

  @Flag(help: "Read every byte and compare digests: finds rot that leaves size and time alone.")
  var readData = false

  @Flag(help: "Put right what can be, and move bad files to quarantine.")
  var repair = false

  @Option(
    help: ArgumentHelp(
      "With --repair: where lost contents are looked for, a directory or another store; may be repeated.",
      valueName: "dir"),
    completion: .directory, transform: { try FilePath(argument: $0) })
  var source: [FilePath] = []

  @Flag(help: "With --read-data: read everything, also what an interrupted run has read.")
  var restart = false

  @Option(
    help: ArgumentHelp(
      "With --read-data: how many files to read at a time (default: as many as there are processors, from 2 to 8).",
      valueName: "number"))
  var jobs: Int?

  @Flag(help: "First make the catalog anew from the manifests.")
  var rebuildCatalog = false

  @Argument(help: ArgumentHelp("flink:DIR instead of a store.", valueName: "flink:dir"))
  var checkpoints: String?

  func validate() throws {
    if !source.isEmpty && !repair { throw ValidationError("--source is for --repair only") }
    if restart && !readData { throw ValidationError("--restart is for --read-data only") }
    if jobs != nil && !readData { throw ValidationError("--jobs is for --read-data only") }
    if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs is 1 to 256") }
  }

  func run() throws {
    guard let checkpoints else { return try checkStore() }
    guard !readData, !repair, !rebuildCatalog else {
      throw Failure(
        .usage, "usage", "--read-data, --repair and --rebuild-catalog are for stores only")
    }
    guard let selection = try FlinkSelection(checkpoints, mappings: mapping.mappings) else {
      throw Failure(
        .usage, "usage",
        "'\(checkpoints)': give a store by --store, or flink:DIR; 'ckptfs verify' looks into a store's checkpoint"
      )
    }
    try selection.requireAny()
    let report = try CheckOutcome(selection)
    try store.format.print(report)
    if !report.clean { throw EarlyEnd(status: .damaged) }
  }

  private func checkStore() throws {
    let path = try store.path()
    var options = CheckOptions(readsData: readData, repairs: repair, sources: source)
    options.readsAnew = restart
    if let jobs { options.jobs = jobs }
    // What was read is not to be lost to a signal; a short check may just die.
    if readData { options.cancellation = Interruption.cancellation() }
    try options.checkSources(besides: path)
    let rebuilt = try rebuildCatalog ? Store.rebuildCatalog(at: path) : nil
    let line = ProgressLine(readData ? "reading" : "checking", store.format)
    let checked = try check(path, options, isRebuilt: rebuilt != nil, line?.handler)
    line?.end()
    let report = CheckOutcome(rebuilt: rebuilt, checked: checked)
    try store.format.print(report)
    let failure = checked.failure.map { Failure($0) }
    if let failure { ErrorOutput.write(failure, asJSON: store.format.isJSON) }
    if !report.problems.isEmpty { throw EarlyEnd(status: .damaged) }
    if !report.clean { throw EarlyEnd(status: failure?.status ?? .failed) }
  }

  private func check(
    _ path: FilePath, _ options: CheckOptions, isRebuilt: Bool, _ progress: ProgressHandler?
  ) throws(StoreError) -> CheckReport {
    do throws(StoreError) {
      return try Store.check(at: path, options, progress: progress)
    } catch {
      // What was rebuilt is told all the same.
      guard isRebuilt else { throw error }
      return CheckReport(failure: error)
    }
  }
}
