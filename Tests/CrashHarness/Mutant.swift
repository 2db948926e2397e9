// SPDX-License-Identifier: Apache-2.0

package import DurabilitySteps
import Foundation

/// The program with one step left out, or with its error ignored, and a check that must notice it.
package struct Mutant: CustomStringConvertible, Sendable {
  /// By which it is asked for.
  package let name: String
  package let description: String
  /// The step that is left out, or whose error is ignored.
  package let step: Step?
  private let faults: String
  private let check: @Sendable (_ faults: String) throws -> Void

  private init(_ step: Step, _ check: @escaping @Sendable (_ faults: String) throws -> Void) {
    (name, description, self.step) = (step.rawValue, step.rawValue, step)
    faults = "skip=\(step.rawValue)"
    self.check = check
  }

  /// Calls of some classes fail in `scene`, in turn.
  private init(leavingOut step: Step, _ scene: String, _ classes: CallClasses) {
    self.init(step) { faults in
      try FailingEveryCall(.named(scene), .brokenDevice, classes: classes, steps: faults).run()
    }
  }

  /// As when the step is left out, but it is done, and goes unheard where it fails.
  private init(ignoring step: Step, _ scene: String, _ classes: CallClasses) {
    (name, description, self.step) = (step.rawValue, "\(step.rawValue), its error", step)
    faults = "ignore=\(step.rawValue)"
    check = { faults in
      try FailingEveryCall(.named(scene), .brokenDevice, classes: classes, steps: faults).run()
    }
  }

  /// Each write to a file at `place` falls short in turn, and `scene` does not listen how much was written.
  private init(shortWritesAt place: String, _ scene: String) {
    (name, step, faults) = ("short-writes-\(scene)", nil, "")
    description = "how much \(scene) wrote to \(place)"
    check = { _ in
      try FailingEveryCall(
        .named(scene), .shortTransfer, isUnheard: true, classes: .write, place: place
      ).run()
    }
  }

  /// - Returns: what noticed the mutant, or `nil` when it survived.
  package func caught() -> String? {
    do {
      try check(faults)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Steps that are marked, but need no check that they are done.
  package static let exempt: [Step: String] = [
    .createCatalog: "only marked: there is no store without it",
    .abortTransaction: "harmless: any part of an abort leaves what gc collects",
    .relinkTransaction: "only marked: it takes all back itself where it cannot do all",
    .noteReading: "harmless: what is not noted is read again",
    .condemnTransaction: "harmless: what is left out is done by the next check",
    .outboxTransaction: "harmless: items are idempotent, so one that stays is done again",
  ]

  package static let all = stored + shown + unheard + beside

  private static let stored: [Mutant] = [
    Mutant(.syncCatalog) { try traced("tag", $0) },
    Mutant(.syncMarker) { try traced("create", $0) },
    Mutant(.syncMarker) { try traced("rebuild", $0) },
    Mutant(.placeMarker) { try undisturbed("create", $0) },
    Mutant(.syncStoreDirectory) { try traced("create", $0) },
    Mutant(.syncStoreDirectory) { try traced("rebuild-beside-old", $0) },
    Mutant(.syncReplacedCatalog) { try traced("rebuild-beside-old", $0) },
    Mutant(.syncStagedFile) { try traced("commit", $0) },
    Mutant(.placeBlob) { try undisturbed("commit", $0) },
    Mutant(.syncBlobDirectory) { try traced("commit", $0) },
    Mutant(.syncBlobDirectory) { try traced("collect", $0) },
    Mutant(.unlinkBlob) { try undisturbed("collect", $0) },
    Mutant(.writeManifest) { try undisturbed("commit", $0) },
    Mutant(.syncManifest) { try traced("commit", $0) },
    Mutant(.placeManifest) { try undisturbed("commit", $0) },
    Mutant(.removeManifest) { try undisturbed("drop", $0) },
    Mutant(.syncManifestDirectory) { try traced("commit", $0) },
    Mutant(.syncManifestDirectory) { try traced("drop", $0) },
    Mutant(.recordOutbox) { try undisturbed("commit", $0) },
    Mutant(.recordOutbox) { try undisturbed("drop", $0) },
    Mutant(.recordOutbox) { try undisturbed("tag", $0) },
    Mutant(.recordOutbox) { try undisturbed("untag", $0) },
    Mutant(.recordOutbox) { try undisturbed("rename", $0) },
    Mutant(.recordOutbox) { try undisturbed("collect", $0) },
    Mutant(.replayOutbox) { try undisturbed("commit", $0) },
    Mutant(.recover) { try Recovery(faults: $0).run() },
    Mutant(.replaceCatalog) { try undisturbed("rebuild", $0) },
    Mutant(.replaceCatalog) { try undisturbed("rebuild-beside-old", $0) },
    Mutant(.beginTransaction) { try interleaved(.twoCommitsToOneHistory, statements: $0) },
    Mutant(.reserveTransaction) {
      try interleaved(.commitBesideCollection, statements: $0, "pin-blob")
    },
    Mutant(.pinBlob) { try Interleaving.commitBesideCollection.run(.init(stopped: $0)) },
    Mutant(.leaseBase) {
      try Interleaving.recognisedCommitBesideLossOfBase.run(
        .init(stopped: $0, places: ["recheck-source"]))
    },
    Mutant(.settleTransaction) { try interleaved(.twoCommits, statements: $0) },
    Mutant(.fencePending) { try Interleaving.forsakenCommit.run(.init(stopped: $0)) },
    Mutant(.completeTransaction) { try killed("commit", statements: $0) },
    Mutant(.shardTransaction) { try killed("first-shard", statements: $0) },
    Mutant(.shardTransaction) { try killed("last-shard", statements: $0) },
    Mutant(.holdPage) { try Interleaving.shardBesideLossOfBase.run(.init(stopped: $0)) },
    Mutant(.fenceDeadline) { try LateShard(faults: $0).run() },
    Mutant(.dropTransaction) { try killed("forced-drop", statements: $0) },
    Mutant(.tagTransaction) { try killed("tag", statements: $0) },
    Mutant(.renameTransaction) { try killed("rename", statements: $0) },
    Mutant(.collectTransaction) { try killed("collect", statements: $0) },
    Mutant(.quarantineBlob) { try Quarantining(faults: $0).run() },
    Mutant(.syncQuarantine) { try traced("repair", $0) },
    Mutant(.syncBlobDirectory) { try traced("repair", $0) },
    Mutant(.repairTransaction) { try killed("repair", statements: $0) },
    Mutant(.leaseTransaction) { try interleaved(.restoreBesideDrop, statements: $0) },
    Mutant(.recheckSource) { try ChangingSource(faults: $0).run() },
    Mutant(.checkLiveness) { try Interleaving.commitBesideIdleCollection.run(.init(other: $0)) },
    Mutant(.syncRestoredFile) { try traced("restore", $0) },
    Mutant(.syncRestoredDirectory) { try traced("restore", $0) },
    Mutant(.placeRestored) { try undisturbed("restore", $0) },
  ]

  /// What calls that fail must bring to light.
  package static let unheard: [Mutant] = [
    Mutant(leavingOut: .beginLog, "tag", .sync),
    Mutant(leavingOut: .syncCatalogDirectory, "tag", .sync),
    Mutant(ignoring: .syncCatalogDirectory, "tag", .sync),
    Mutant(ignoring: .syncMarker, "init", .sync),
    Mutant(ignoring: .placeMarker, "init", .name),
    Mutant(ignoring: .syncStoreDirectory, "init", .sync),
    Mutant(ignoring: .syncStagedFile, "commit", .sync),
    Mutant(ignoring: .placeBlob, "commit", .name),
    Mutant(ignoring: .syncBlobDirectory, "commit", .sync),
    Mutant(ignoring: .writeManifest, "tag", .write),
    Mutant(ignoring: .syncManifest, "tag", .sync),
    Mutant(ignoring: .placeManifest, "tag", .name),
    Mutant(ignoring: .removeManifest, "drop", .remove),
    Mutant(ignoring: .syncManifestDirectory, "drop", .sync),
    Mutant(ignoring: .unlinkBlob, "gc", .remove),
    Mutant(ignoring: .replaceCatalog, "rebuild", .name),
    Mutant(ignoring: .syncRestoredFile, "restore", .sync),
    Mutant(ignoring: .syncRestoredDirectory, "restore", .sync),
    Mutant(ignoring: .placeRestored, "restore", .name),
    Mutant(shortWritesAt: "/staging/", "commit"),
    Mutant(shortWritesAt: "/pending/", "tag"),
    Mutant(shortWritesAt: ".ckptfs-restore-", "restore"),
  ]

  /// What many processes on one store, and calls that fail under a mount, must bring to light.
  private static let beside: [Mutant] = [
    Mutant(.pinBlob) { try manyProcesses($0) },
    Mutant(.checkLiveness) { try manyProcesses($0) },
    Mutant(.checkOpened) { faults in
      let calls = stride(from: 1, to: 12, by: 3)
      try FailingUnderMount(.brokenDevice, passthrough: true, steps: faults).run(calls: calls)
    },
    Mutant(.checkOpened) { faults in
      let calls = stride(from: 1, to: 12, by: 3)
      try FailingUnderMount(.brokenDevice, passthrough: false, steps: faults).run(calls: calls)
    },
  ]

  private static func manyProcesses(_ faults: String) throws {
    _ = try ManyProcesses(seed: 3, processes: 8, faults: faults)
      .run(for: .seconds(60), isMounted: false)
  }

  /// What the model and the mount beside it must notice.
  private static let shown: [Mutant] = [
    Step.pinBlob, .leaseBase, .checkLiveness, .holdPage, .recordOutbox, .countPage, .uncountPage,
    .hideDropped, .touchHistory, .checkOpened, .forgetKnown, .tellListings, .expireNames,
    .refuseBorrowed,
  ].map { step in Mutant(step) { try modelled($0) } }

  /// In a process of its own, since it is the one that leaves the step out, as the mount does.
  private static func modelled(_ faults: String) throws {
    let said = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("CrashRunner")
    process.arguments = ["model", "1", "25", "500", "0"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["CKPTFS_STEPS": faults]
    ) { $1 }
    process.standardOutput = said
    try process.run()
    let text = String(
      decoding: try said.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Violation("the model", text.split(separator: "\n").first.map(String.init) ?? "")
    }
  }

  private static func traced(_ scene: String, _ faults: String) throws {
    guard TracedOperation.isPossible else { return }
    try TracedOperation(.named(scene), faults: faults).run()
  }

  private static func undisturbed(_ scene: String, _ faults: String) throws {
    try Undisturbed(.named(scene), faults: faults).run()
  }

  private static func killed(_ scene: String, statements faults: String) throws {
    try KillingEveryStep(.named(scene), faults: marking(faults), place: "statement").run()
  }

  /// Each statement of the transaction that is left out is a step of its own then.
  private static func marking(_ faults: String) -> String {
    "\(faults),\(faults.replacing("skip=", with: "statements="))"
  }

  private static func interleaved(
    _ interleaving: Interleaving, statements faults: String, _ place: String = "statement"
  ) throws {
    try interleaving.run(.init(stopped: marking(faults), places: [place]))
  }

  /// Steps that nobody has thought of.
  package static var untried: Set<Step> {
    Set(Step.allCases).subtracting(all.compactMap(\.step)).subtracting(exempt.keys)
  }

  /// Tries all of them, and prints what noticed each.
  ///
  /// - Parameter names: only these; all for none.
  /// - Returns: whether none survived, and every step is either tried or exempt.
  package static func runAll(_ names: [String] = []) throws -> Bool {
    var survivors: [String] = []
    Console.say("step left out, or its error → noticed by")
    for mutant in all where names.isEmpty || names.contains(mutant.name) {
      if let caught = mutant.caught() {
        Console.say("\(mutant) → \(caught)")
      } else {
        Console.say("\(mutant) → SURVIVED")
        survivors.append(mutant.description)
      }
    }
    if !names.isEmpty { return survivors.isEmpty }
    for (step, reason) in exempt.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      Console.say("\(step.rawValue) → not tried: \(reason)")
    }
    for step in untried { Console.say("\(step.rawValue) → NOT TRIED") }
    Console.say(survivors.isEmpty ? "no mutant survived" : "survived: \(survivors)")
    return survivors.isEmpty && untried.isEmpty
  }
}
