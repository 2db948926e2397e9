// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fsck",
    abstract: "Check that the store holds what its catalog says, and repair what can be.",
    discussion: """
      Exit status 2 means damage was found; a notice, as of a file that got another owner or mode, is none. \
      Without --read-data, presence, size and time of every file are compared; with it, every byte is read. \
      --rebuild-catalog makes a lost catalog anew from the manifests; nothing may use the store meanwhile.

      Example: ckptfs fsck --read-data
      """)

  @OptionGroup var store: StoreOptions

  @Flag(help: "Read every byte and compare digests: finds rot that leaves size and time alone.")
  var readData = false

  @Flag(help: "Repair what can be repaired from what is there.")
  var repair = false

  @Flag(help: "First make the catalog anew from the manifests.")
  var rebuildCatalog = false

  func run() throws {
    let path = try store.path()
    let rebuilt = try rebuildCatalog ? Store.rebuildCatalog(at: path) : nil
    let line = ProgressLine(readData ? "reading" : "checking", store.format)
    let checked = try Store(at: path).check(
      readData: readData, repair: repair, progress: line?.handler)
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
    // What rebuilding could not find, checking misses again.
    problems += checked.problems.filter { !problems.contains($0) }
    self.problems = problems.map(FindingListing.init)
    repaired = checked.repaired.map(FindingListing.init)
    notices = checked.notices.map(FindingListing.init)
    clean = problems.isEmpty
    rebuiltCatalog = rebuilt != nil
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

  var line: String {
    let needed = checkpoints.isEmpty ? "" : "; needed by \(checkpoints.joined(separator: ", "))"
    return "\(kind): \(path): \(detail)\(needed)"
  }
}
