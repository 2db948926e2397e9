// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints

/// What `fsck` tells.
struct CheckOutcome: Report {
  let clean: Bool
  let problems: [FindingListing]
  let repaired: [FindingListing]
  let notices: [FindingListing]
  let rebuiltCatalog: Bool
  let reading: ReadingListing?

  init(rebuilt: CheckReport?, checked: CheckReport) {
    var problems = rebuilt?.problems ?? []
    // What rebuilding told of a file is told once, and not where it was put right since.
    let repairedPaths = Set(checked.repaired.map(\.path))
    problems.removeAll { repairedPaths.contains($0.path) }
    // Rebuilding stops at the first checkpoint that lacks a file; the check knows all.
    let hurt = Dictionary(
      checked.problems.map { ($0.path, $0.checkpoints) }, uniquingKeysWith: { first, _ in first })
    problems = problems.map { problem in
      guard let all = hurt[problem.path], !all.isEmpty else { return problem }
      return problem.hurting(all)
    }
    let told = Set(problems.map(\.path))
    problems += checked.problems.filter {
      // What a rebuild took no manifest in for, it told.
      !told.contains($0.path) && (rebuilt == nil || $0.kind != .strayManifest)
    }
    self.problems = problems.map { FindingListing($0) }
    repaired = checked.repaired.map { FindingListing($0) }
    // What reading would tell is known where all was read.
    let forgotten = checked.reading?.isComplete == true ? [] : rebuilt?.notices ?? []
    notices = (forgotten + checked.notices).map { FindingListing($0) }
    reading = checked.reading.map(ReadingListing.init)
    clean = problems.isEmpty && checked.isClean
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
    let outside = try selection.source.outsideFiles(of: selection.checkpoint?.record.id)
    notices = [FindingListing(outside: outside)].compactMap(\.self)
    clean = problems.isEmpty
    rebuiltCatalog = false
    reading = nil
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
      + (reading?.lines ?? []) + [verdict].compactMap(\.self)
  }

  private var verdict: String? {
    if clean { return "clean" }
    return problems.isEmpty ? nil : "found \(Quantities.count(problems.count, "problem"))"
  }
}
