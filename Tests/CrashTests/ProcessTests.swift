// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Testing

/// Many processes use one store at once, and not all of them behave.
///
/// `CrashRunner processes` lets them run for as long as one likes.
@Suite("Processes", .serialized)
struct ProcessTests {
  @Test(
    "P1 P3 P4 P6: eight processes fail nothing and lose nothing, be they slow, stopped, killed or their clocks set, and readers of a mount see checkpoints whole or not at all",
    .timeLimit(.minutes(60)))
  func eight() throws {
    let many = try ManyProcesses(seed: 3, processes: 8)
    let isMounted = MountedStore.obstacle == nil
    let count = try many.run(for: .seconds(25), isMounted: isMounted)
    #expect(count.acknowledged > 0)
    #expect(count.read > 0 || !isMounted, "readers saw no checkpoint whole")
  }

  @Test(
    "eight processes notice a build that pins nothing, or takes for dead who is alive",
    .timeLimit(.minutes(60)), arguments: ["pin-blob", "check-liveness"])
  func mutants(step: String) throws {
    let many = try ManyProcesses(seed: 3, processes: 8, faults: "skip=\(step)")
    #expect(throws: Violation.self) { try many.run(for: .seconds(25), isMounted: false) }
  }

  @Test(
    "who must wait for a stopped writer is told so after a minute, who reads does not wait, and the writer goes on",
    .enabled(if: MountedStore.obstacle == nil, "\(MountedStore.obstacle ?? "")"),
    .timeLimit(.minutes(60)))
  func stoppedWriter() throws {
    try StoppedWriter().run()
  }

  @Test(
    "P7: a deadline is the same moment in all time namespaces",
    .enabled(if: OtherTimeNamespace.isPossible, "no time namespace can be made here"),
    .timeLimit(.minutes(60)))
  func timeNamespaces() throws {
    try OtherTimeNamespace().run()
  }
}
