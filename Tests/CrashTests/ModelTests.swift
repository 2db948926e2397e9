// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Foundation
import Glibc
import Testing

/// Random operations of several actors on one store, and a mount of it, are held to a simple model.
///
/// `make soak` does so for hours.
@Suite(
  "The model", .serialized,
  .enabled(if: MountedStore.obstacle == nil, "\(MountedStore.obstacle ?? "")"))
struct ModelTests {
  @Test(
    "P1 P3 P4 P6 P7 P9 P10: whatever is done in whatever order, a store does or refuses what the model says, and a mount shows it",
    .timeLimit(.minutes(60)), arguments: [1, 26, 51, 76])
  func randomTraces(seed: Int) throws {
    let run = try HarnessProgram.run(["model", "\(seed)", "25", "1000"])
    #expect(run.status == 0, "\(run.said)")
  }

  /// Only root makes files that the owner of a directory may not read.
  private static let steps =
    ["pin-blob", "count-page", "uncount-page", "hide-dropped", "check-opened", "tell-listings"]
    + (geteuid() == 0 ? ["refuse-borrowed"] : [])

  @Test(
    "the model notices what a build leaves out", .timeLimit(.minutes(60)),
    arguments: steps)
  func mutants(step: String) throws {
    let run = try HarnessProgram.run(["model", "1", "8", "400", "0"], faults: "skip=\(step)")
    #expect(run.status == 1 && run.said.contains("turns: "), "\(run.said)")
  }

  @Test(
    "a trace that fails is made short, and what is printed makes it fail again",
    .timeLimit(.minutes(60)))
  func shrinking() throws {
    let found = try HarnessProgram.run(["model", "1", "8", "400", "60"], faults: "skip=pin-blob")
    let lines = found.said.split(separator: "\n").filter { $0.hasPrefix("{") }
    #expect(found.status == 1 && (1...3).contains(lines.count), "\(found.said)")
    let trace = lines.joined(separator: "\n")
    let again = try HarnessProgram.run(["replay"], faults: "skip=pin-blob", input: trace)
    #expect(again.status == 1, "\(again.said)")
    let sound = try HarnessProgram.run(["replay"], input: trace)
    #expect(sound.status == 0, "\(sound.said)")
  }
}
