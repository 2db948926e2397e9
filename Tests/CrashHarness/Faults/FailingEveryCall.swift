// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import LinuxFiles
import Synchronization
import SystemPackage

/// Lets each call of a command on files fail in turn, and looks at what it says and what it leaves.
package struct FailingEveryCall: Sendable {
  private let scene: FaultScene
  private let kind: FaultKind
  private let isPersistent: Bool
  private let isUnheard: Bool
  private let classes: CallClasses?
  private let place: String?
  private let steps: String

  /// - Parameters:
  ///   - isPersistent: whether all calls after it fail, too.
  ///   - isUnheard: as of ``Fault``.
  ///   - classes: which calls fail; all that can for `nil`.
  ///   - place: what the paths of the files have in them whose calls are looked at; any for `nil`.
  ///   - steps: more for `CKPTFS_STEPS`, such as a step whose error is to be ignored.
  package init(
    _ scene: FaultScene, _ kind: FaultKind, isPersistent: Bool = false, isUnheard: Bool = false,
    classes: CallClasses? = nil, place: String? = nil, steps: String = ""
  ) {
    self.scene = scene
    self.kind = kind
    self.isPersistent = isPersistent
    self.isUnheard = isUnheard
    self.classes = classes
    self.place = place
    self.steps = steps
  }

  /// What a number of runs came to.
  package struct Count: Sendable {
    package var failed = 0
    package var succeeded = 0
    /// Failed, and left the store as it was, byte for byte.
    package var untouched = 0
  }

  private struct Expected {
    let template: Site
    /// Whether the catalog has a log to begin with.
    let hasLog: Bool
    let before: Model
    let after: Model
    /// What it prints.
    let output: String
  }

  /// - Parameters:
  ///   - stride: every how many-th call fails.
  ///   - telling: told of what is found broken, after which it goes on; it ends at the first for `nil`.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run(
    stride: Int = 1, telling: (@Sendable (Violation) -> Void)? = nil
  ) throws -> Count {
    try describing(
      "\(scene.name), \(kind.rawValue)\(isPersistent ? " from then on" : "")\(isUnheard ? ", unheard" : "")"
    ) {
      let expected = try describing("undisturbed") { try expectation() }
      let count = Mutex(Count())
      // Where locks fail, too, most of the time is spent waiting for them.
      let width = kind != .brokenDevice ? 2 : isPersistent ? 64 : 8
      try Workers.run(width: width) { turn in
        let call = 1 + turn * stride
        do {
          return try describing("call \(call)") { try fail(at: call, expected, count) }
        } catch let violation as Violation {
          guard let telling else { throw violation }
          telling(violation)
          return true
        }
      }
      return count.withLock(\.self)
    }
  }

  private func expectation() throws -> Expected {
    let template = try Site()
    try scene.prepare(template)
    let site = try scene.site(like: template)
    let outcome = try CommandProcess(scene.arguments(site), in: site).run()
    guard outcome.status == 0 else {
      throw Violation("P6", "it failed with \(outcome.status): \(outcome.errors)")
    }
    let after = try StoreImage(of: Store(at: site.store)).model
    return Expected(
      template: template,
      hasLog: try FileSystemCalls.exists(template.store.appending("catalog.sqlite-wal")),
      before: scene.isReader ? after : scene.scene.before, after: after,
      output: Self.output(outcome, of: site))
  }

  /// - Returns: `false` when there are fewer calls.
  private func fail(
    at call: Int, _ expected: Expected, _ count: borrowing Mutex<Count>
  ) throws -> Bool {
    let site = try scene.site(like: expected.template)
    let control = try FaultControl(at: site.root.appending("faults"))
    try control.arm(
      Fault(
        kind, at: call, isPersistent: isPersistent, isUnheard: isUnheard, classes: classes))
    let outcome = try CommandProcess(scene.arguments(site), in: site).run(control, steps: steps)
    let failed = try control.log()
    guard let first = failed.first else { return false }
    if let place, !first.path.contains(place) { return true }
    try describing(first.description.replacing(site.root.string, with: "")) {
      try checkAnswer(outcome, failed, needless: expected.hasLog ? site.store : nil)
      if scene.isReader, outcome.status == 0, Self.output(outcome, of: site) != expected.output {
        throw Violation("P6", "it tells of success, and prints what is not so: \(outcome.output)")
      }
      if try isUntouched(site, expected) {
        count.withLock {
          if outcome.status == 0 { $0.succeeded += 1 } else { $0.untouched += 1 }
        }
        guard outcome.status != 0 || expected.before == expected.after else {
          throw Violation("P2", "it tells of success and did nothing")
        }
        return
      }
      count.withLock { if outcome.status == 0 { $0.succeeded += 1 } else { $0.failed += 1 } }
      try checkStore(outcome, site, expected, call)
    }
    return true
  }

  // MARK: The answer

  private func checkAnswer(
    _ outcome: CommandProcess.Outcome, _ failed: [FaultControl.Call], needless: FilePath?
  ) throws {
    let said = outcome.errors.split(separator: "\n")
    if outcome.wasKilled {
      throw Violation(
        "P6", "it crashed with signal \(outcome.status): \(said.joined(separator: "; "))")
    }
    // Who reads as before, and only may not name a file, finds nothing that is not there.
    let hasMisread = failed.contains { !Self.naming.contains($0.name) }
    // Nor does who only lacks descriptors.
    let mayFind =
      scene.findings.contains(outcome.status)
      && (scene.scene.damage != nil || hasMisread && (kind != .tooManyFiles || outcome.status == 1))
    // SQLite tells no lock that fails for good from one that another process has.
    let mayBeBusy = isPersistent && failed.contains { $0.name == "fcntl" } && outcome.status == 4
    guard [0, 1].contains(outcome.status) || mayFind || mayBeBusy else {
      throw Violation("P6", "its status is \(outcome.status): \(outcome.errors)")
    }
    if outcome.status != 0, !mayFind, said.count != 1 || !outcome.errors.hasPrefix("ckptfs: ") {
      throw Violation("P6", "it failed, and did not say why in one line: \(said)")
    }
    if scene.remains == .soundStore, Self.claims.contains(where: outcome.errors.contains) {
      throw Violation("P6", "it tells of damage where there is none: \(outcome.errors)")
    }
    if scene.scene.damage == nil, Self.losses.contains(where: outcome.output.contains) {
      throw Violation("P6", "it tells of a loss where nothing is lost: \(outcome.output)")
    }
    if kind.isHarmless, !isUnheard, outcome.status != 0 {
      throw Violation("P6", "it failed for that: \(outcome.errors)")
    }
    if outcome.status == 0, let sync = Self.lostSync(failed, excusing: needless) {
      throw Violation("P2", "it tells of success, and \(sync) had failed")
    }
  }

  private static func output(_ outcome: CommandProcess.Outcome, of site: Site) -> String {
    outcome.output.replacing(site.root.string, with: "")
  }

  /// Calls that give and take names, and what the layer tells of one.
  private static let naming: Set = ["rename", "link", "symlink", "mkdir", "unlink", "synced"]

  /// What nobody may be told whose catalog only could not be read: he would replace it.
  private static let claims = ["is damaged;", "is damaged (", "is missing;"]

  /// What nobody may be told who asks for nothing to be repaired, and only could not read: he would accept it.
  private static let losses = ["is lost", "or remove"]

  /// A sync that failed, and that nothing made up for.
  ///
  /// Names are still there to be synced again; of a file the kernel may have dropped what it could not write. What the
  /// catalog loses the layer takes away at once, so the inspection sees whether that mattered: SQLite syncs what is
  /// synced already before it brings its log into the database, and does that again where it fails.
  ///
  /// - Parameter directory: of a catalog whose log was there before, and whose name the program makes durable when it opens it.
  ///   SQLite syncs it once more, by `fdatasync`, which the program uses for none, and does not heed that.
  private static func lostSync(
    _ calls: [FaultControl.Call], excusing directory: FilePath?
  ) -> FaultControl.Call? {
    calls.indices.first { index in
      let call = calls[index]
      if call.name == "fdatasync", call.path == directory?.string { return false }
      return ["fsync", "fdatasync", "syncfs"].contains(call.name)
        && !call.path.hasSuffix("/catalog.sqlite") && !call.path.hasSuffix("/catalog.sqlite-wal")
        && !calls[index...].contains { $0.name == "synced" && $0.path == call.path }
    }.map { calls[$0] }
  }

  // MARK: The store

  private func isUntouched(_ site: Site, _ expected: Expected) throws -> Bool {
    let places = expected.template.store.string
    guard try FileSystemCalls.exists(expected.template.store), !scene.scene.hasEvidence,
      scene.remains == .soundStore, try !FileSystemCalls.exists(FaultScene.destination(in: site))
    else { return false }
    return try Tool.isSuccessful(
      "/usr/bin/diff", "--recursive", "--brief", "--no-dereference", places, site.store.string)
  }

  private func checkStore(
    _ outcome: CommandProcess.Outcome, _ site: Site, _ expected: Expected, _ call: Int
  ) throws {
    let inspection = Inspection(of: site)
    var found: Model?
    // Every other time the command itself is the first that meets what was left.
    if scene.remains == .soundStore, outcome.status == 0 || call % 2 == 0 {
      let allowed = outcome.status == 0 ? [expected.after] : [expected.before, expected.after]
      found = try inspection.run(allowing: allowed, Self.depth(of: call))
    }
    if outcome.status == 0 {
      try checkRestored(site, expected)
      if scene.remains == .soundStore { return }
    }
    try describing("run again after '\(outcome.errors.trimmingNewline)'") {
      let again = try CommandProcess(scene.arguments(site), in: site).run()
      let isDone = found == nil || found == expected.after
      guard again.status == 0 || (isDone && [1, 3].contains(again.status)) else {
        throw Violation("P6", "its status is \(again.status): \(again.errors)")
      }
      try inspection.run(allowing: [expected.after], Self.depth(of: call / 2))
      if again.status == 0 { try checkRestored(site, expected) }
    }
  }

  private static func depth(of call: Int) -> Inspection.Depth {
    switch call % 8 {
    case 0: .whole
    case 4: .losing
    default: .collecting
    }
  }

  private func checkRestored(_ site: Site, _ expected: Expected) throws {
    let destination = FaultScene.destination(in: site)
    guard scene.arguments(site).first == "restore" else { return }
    try RestoredDirectory.check(destination, against: expected.before.histories["a"]?[1])
  }
}

extension String {
  fileprivate var trimmingNewline: Substring { hasSuffix("\n") ? dropLast() : self[...] }
}
