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
      Without --read-data, presence, size and time of every file are compared; with it, every byte is read. \
      --rebuild-catalog makes a lost catalog anew from the manifests; nothing may use the store meanwhile.

      With flink:DIR, files that Flink's checkpoints refer to are looked for, and compared with the recorded sizes.

      Example: ckptfs fsck --read-data; ckptfs fsck flink:/flink/checkpoints
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var mapping: MappingOptions

  @Flag(help: "Read every byte and compare digests: finds rot that leaves size and time alone.")
  var readData = false

  @Flag(help: "Repair what can be repaired from what is there.")
  var repair = false

  @Flag(help: "First make the catalog anew from the manifests.")
  var rebuildCatalog = false

  @Argument(help: "flink:DIR instead of a store.")
  var source: String?

  func run() throws {
    guard let source else { return try checkStore() }
    guard !readData, !repair, !rebuildCatalog else {
      throw Failure(
        .usage, "usage", "--read-data, --repair and --rebuild-catalog are for stores only")
    }
    guard let selection = try FlinkSelection(source, mappings: mapping.mappings) else {
      throw Failure(.usage, "usage", "'\(source)': give a store by --store, or flink:DIR")
    }
    try selection.requireAny()
    let report = try CheckOutcome(selection)
    try store.format.print(report)
    if !report.clean { throw EarlyEnd(status: .damaged) }
  }

  private func checkStore() throws {
    let path = try store.path()
    let rebuilt = try rebuildCatalog ? Store.rebuildCatalog(at: path) : nil
    let line = ProgressLine(readData ? "reading" : "checking", store.format)
    let checked = try Store.check(
      at: path, readData: readData, repair: repair, progress: line?.handler)
    line?.end()
    let report = CheckOutcome(rebuilt: rebuilt, checked: checked)
    try store.format.print(report)
    if !report.clean { throw EarlyEnd(status: .damaged) }
  }
}

private struct CheckOutcome: Report {
  let clean: Bool
  let problems: [FindingListing]
  let repaired: [FindingListing]
  let notices: [FindingListing]
  let rebuiltCatalog: Bool

  init(rebuilt: CheckReport?, checked: CheckReport) {
    var problems = rebuilt?.problems ?? []
    // What rebuilding told of a file is told once.
    let told = Set(problems.map(\.path))
    problems += checked.problems.filter { !told.contains($0.path) }
    self.problems = problems.map { FindingListing($0) }
    repaired = checked.repaired.map { FindingListing($0) }
    notices = checked.notices.map { FindingListing($0) }
    clean = problems.isEmpty
    rebuiltCatalog = rebuilt != nil
  }

  init(_ selection: FlinkSelection) throws {
    let damaged = try selection.source.damaged
    let missing = try selection.source.missingFiles().filter { file in
      guard let checkpoint = selection.checkpoint else { return true }
      return file.history == checkpoint.history.name && file.number == checkpoint.record.number
    }
    problems = damaged.map { FindingListing($0) } + FindingListing.byFile(missing)
    repaired = []
    notices = []
    clean = problems.isEmpty
    rebuiltCatalog = false
  }

  var deed: String? {
    let deeds =
      (rebuiltCatalog ? ["made the catalog anew"] : [])
      + (repaired.isEmpty ? [] : ["repaired \(Quantities.count(repaired.count, "problem"))"])
    return deeds.isEmpty ? nil : "fsck " + deeds.joined(separator: " and ")
  }

  var lines: [String] {
    (rebuiltCatalog ? ["made the catalog anew from the manifests"] : [])
      + problems.map { "\($0.line)" } + repaired.map { "repaired: \($0.line)" }
      + notices.map { "notice: \($0.line)" }
      + [clean ? "clean" : "found \(Quantities.count(problems.count, "problem"))"]
  }
}

private struct FindingListing: Encodable {
  let kind: String
  let path: String
  let checkpoints: [String]
  let detail: String

  init(_ problem: Problem) {
    kind = problem.kind.rawValue
    path = problem.path
    checkpoints = problem.checkpoints.map(\.description)
    detail = problem.detail
  }

  init(_ notice: Notice) {
    kind = notice.kind.rawValue
    path = notice.path
    checkpoints = notice.checkpoints.map(\.description)
    detail = notice.detail
  }

  init(_ damaged: DamagedCheckpoint) {
    kind = damaged.isTruncated ? "incomplete" : "unreadable"
    path = damaged.directory.string
    checkpoints = []
    detail = damaged.message
  }

  /// - Parameter missing: one file, for all that need it.
  private init(_ missing: [MissingFile]) {
    kind = "missing"
    path = missing[0].path
    checkpoints = missing.map(\.place)
    detail = "\(missing[0].part): \(missing[0].reason)"
  }

  /// One for each file, in the order of the first that needs it: ten checkpoints may need the same thousands.
  static func byFile(_ missing: [MissingFile]) -> [FindingListing] {
    let groups = Dictionary(
      grouping: missing.enumerated(), by: { "\($0.element.path) \($0.element.reason)" })
    return groups.values.sorted { $0[0].offset < $1[0].offset }
      .map { FindingListing($0.map(\.element)) }
  }

  var line: String {
    let some = checkpoints.prefix(2).joined(separator: ", ")
    let more = checkpoints.count > 2 ? " and \(checkpoints.count - 2) more" : ""
    let needed = checkpoints.isEmpty ? "" : "; needed by \(some)\(more)"
    return "\(kind): \(path): \(detail)\(needed)"
  }
}
