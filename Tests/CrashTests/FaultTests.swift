// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import DurabilitySteps
import Testing

/// What the promises say of disks that are full, broken or slow to give: each call that a command makes on files of
/// the store, or of what it takes in or writes out, fails in turn.
///
/// `CrashRunner faults`, or `make faults`, tries every call of every command in every way.
@Suite("Calls that fail", .serialized)
struct FaultTests {
  struct Case: CustomStringConvertible, Sendable {
    let command: String
    let kind: FaultKind
    /// Every how many-th call fails.
    let stride: Int
    var isPersistent = false
    /// Which calls.
    var classes: CallClasses?

    private var calls: String {
      switch classes {
      case .sync?: ", syncs"
      case .openToRead?: ", opened to be read"
      case .read?: ", reads"
      default: ""
      }
    }

    var description: String {
      "\(command), \(kind.rawValue)\(isPersistent ? " from then on" : "")\(calls)"
    }
  }

  @Test(
    "P1 P2 P3 P6 P8: a command whose n-th call fails says so in a line or succeeds, loses nothing, and can be run again",
    .timeLimit(.minutes(60)),
    arguments: [
      Case(command: "commit", kind: .brokenDevice, stride: 61),
      Case(command: "commit", kind: .noSpace, stride: 23, isPersistent: true),
      Case(command: "commit", kind: .shortTransfer, stride: 97, isPersistent: true),
      Case(command: "last-shard", kind: .noSpace, stride: 41),
      Case(command: "import", kind: .overQuota, stride: 53),
      Case(command: "snapshot", kind: .tooManyFiles, stride: 37),
      Case(command: "tag", kind: .noSpace, stride: 5),
      Case(command: "drop", kind: .brokenDevice, stride: 43),
      Case(command: "prune", kind: .readOnly, stride: 29),
      Case(command: "gc", kind: .brokenDevice, stride: 59),
      Case(command: "gc", kind: .noSpace, stride: 31, isPersistent: true),
      Case(command: "restore", kind: .noSpace, stride: 19),
      Case(command: "restore", kind: .interrupted, stride: 67),
      Case(command: "fsck", kind: .brokenDevice, stride: 131),
      Case(command: "repair", kind: .brokenDevice, stride: 149),
      Case(command: "rebuild", kind: .noSpace, stride: 37),
      Case(command: "rebuild", kind: .interrupted, stride: 3, classes: .openToRead),
      Case(command: "rebuild-beside-old", kind: .brokenDevice, stride: 97),
      Case(command: "verify", kind: .brokenDevice, stride: 67),
      Case(command: "verify", kind: .interrupted, stride: 1, classes: .openToRead),
      Case(command: "link-commit", kind: .readOnly, stride: 71),
      Case(command: "live-snapshot", kind: .brokenDevice, stride: 113),
      Case(command: "init", kind: .noSpace, stride: 83),
      Case(command: "init", kind: .brokenDevice, stride: 1, classes: .sync),
    ])
  func failing(_ one: Case) throws {
    let run = FailingEveryCall(
      .named(one.command), one.kind, isPersistent: one.isPersistent, classes: one.classes)
    let count = try run.run(stride: one.stride)
    #expect(count.failed + count.untouched + count.succeeded > 0)
  }

  @Test(
    "P6 P8: a catalog that is made anew while something cannot be read is whole, or says what was not read, and never that it is lost",
    .timeLimit(.minutes(60)),
    arguments: [
      Case(command: "rebuild", kind: .tooManyFiles, stride: 3),
      Case(command: "rebuild", kind: .brokenDevice, stride: 7, classes: .openToRead),
      Case(command: "rebuild", kind: .brokenDevice, stride: 17, classes: .read),
    ])
  func rebuilding(_ one: Case) throws {
    let count = try FailingEveryCall(.named(one.command), one.kind, classes: one.classes)
      .run(stride: one.stride)
    #expect(count.failed + count.untouched > 0)
  }

  @Test(
    "P1: what only the log of a catalog has is there still where that cannot be opened",
    .timeLimit(.minutes(60)),
    arguments: [
      Case(command: "logged-tag", kind: .noSpace, stride: 1, isPersistent: true),
      Case(command: "logged-tag", kind: .brokenDevice, stride: 17),
      Case(command: "logged-ls", kind: .tooManyFiles, stride: 1),
      Case(command: "gc", kind: .noSpace, stride: 4, isPersistent: true),
    ])
  func logged(_ one: Case) throws {
    let run = FailingEveryCall(.named(one.command), one.kind, isPersistent: one.isPersistent)
    let count = try run.run(stride: one.stride)
    #expect(count.failed + count.untouched > 0)
  }

  @Test(
    "P6: what a restore has begun and cannot remove goes with the next collection",
    .timeLimit(.minutes(60)))
  func restoring() throws {
    let count = try FailingEveryCall(.named("restore"), .tooManyFiles, isPersistent: true)
      .run(stride: 1)
    #expect(count.failed > 0)
  }

  @Test(
    "P6: a command that reads and whose n-th call fails says so, or prints what it prints undisturbed",
    .timeLimit(.minutes(60)),
    arguments: [
      ("unreferenced", 1), ("ls", 47), ("diff", 59), ("show", 43), ("stats", 37),
    ])
  func reading(command: String, stride: Int) throws {
    let count = try FailingEveryCall(.named(command), .brokenDevice).run(stride: stride)
    #expect(count.untouched > 0)
  }

  @Test(
    "P9: a mounted process whose n-th call fails answers rightly or with an error, goes on, and nothing wrong is remembered",
    .enabled(if: MountedStore.obstacle == nil, "\(MountedStore.obstacle ?? "")"),
    .timeLimit(.minutes(60)),
    arguments: [
      (FaultKind.brokenDevice, true), (.brokenDevice, false), (.tooManyFiles, true),
      (.tooManyFiles, false), (.shortTransfer, false),
    ])
  func mounted(kind: FaultKind, passthrough: Bool) throws {
    let run = FailingUnderMount(kind, passthrough: passthrough)
    #expect(try run.run(calls: stride(from: 1, to: 120, by: 13)).failed > 0)
  }

  @Test(
    "calls that fail under a mount bring to light a build that opens what is spoilt",
    .enabled(if: MountedStore.obstacle == nil, "\(MountedStore.obstacle ?? "")"),
    .timeLimit(.minutes(60)), arguments: [true, false])
  func mountedMutant(passthrough: Bool) throws {
    let run = FailingUnderMount(
      .brokenDevice, passthrough: passthrough, steps: "skip=check-opened")
    #expect(throws: Violation.self) { try run.run(calls: stride(from: 1, to: 12, by: 3)) }
  }

  @Test(
    "the harness notices a build that does not listen to a failed sync or rename, or to how much was written",
    .timeLimit(.minutes(60)),
    arguments: [
      "sync-manifest", "begin-log", "place-restored", "replace-catalog", "short-writes-restore",
    ])
  func mutants(name: String) throws {
    let mutant = try #require(Mutant.unheard.first { $0.name == name })
    #expect(mutant.caught() != nil)
  }
}
