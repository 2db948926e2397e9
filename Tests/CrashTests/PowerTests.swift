// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Testing

/// What the promises say of power: file systems of their own are cut off from their disks in the middle of
/// commits, drops, collections and restores, mounted again and looked at.
@Suite("Cuts of power", .serialized)
struct PowerTests {
  @Test(
    "P1 P2 P3 P6 P8: what was acknowledged survives a cut of power, and what was on its way is there whole or not at all",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(10)),
    arguments: [("ext4", 11), ("xfs", 12), ("ext4", 13), ("xfs", 14)])
  func cut(kind: String, seed: Int) throws {
    let run = try Self.run(kind, "\(seed)", "50")
    #expect(run.status == 0, "\(run.said)")
  }

  @Test(
    "a build that leaves out a sync does not survive cuts of power",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(5)),
    arguments: ["sync-staged-file", "sync-catalog", "sync-manifest"])
  func mutants(step: String) throws {
    let run = try Self.run("ext4", "5", "25", step)
    #expect(run.status == 1 && run.said.hasPrefix("FAILED: ext4, seed 5"), "\(run.said)")
  }

  /// Why the power of ext4 and XFS cannot be cut here.
  private static let obstacle = LoopFileSystem.Kind.allCases.lazy
    .compactMap { LoopFileSystem.obstacle($0) }.first

  /// In mounts of its own: a file system that somebody else's namespace holds is not taken away.
  private static func run(_ arguments: String...) throws -> (status: Int32, said: String) {
    try HarnessProgram.run(["power"] + arguments, inOwnMounts: true)
  }
}
