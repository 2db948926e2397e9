// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Testing

/// What the promises say of power: file systems of their own are cut off from their disks in the middle of
/// commits, imports, shards, drops, collections, repairs, rebuilds and restores, mounted again and looked at.
///
/// The two suites run beside each other, and wait without a thread of those that run tests.
@Suite("Cuts of power, ext4", .serialized)
struct PowerTests {
  @Test(
    "P1 P2 P3 P6 P8: what was acknowledged survives a cut of power, and what was on its way is there whole or not at all",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(60)),
    arguments: [11, 13])
  func cut(seed: Int) async throws {
    let run = try await PowerRun.of("ext4", "\(seed)", "50")
    #expect(run.status == 0, "\(run.said)")
  }

  @Test(
    "a build that leaves out a sync does not survive cuts of power",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(60)),
    arguments: ["sync-staged-file", "sync-catalog", "sync-manifest"])
  func mutants(step: String) async throws {
    let run = try await PowerRun.of("ext4", "5", "25", step)
    #expect(run.status == 1 && run.said.hasPrefix("FAILED: ext4, seed 5"), "\(run.said)")
  }

  private static let obstacle = LoopFileSystem.obstacle(.ext4)
}

/// As ``PowerTests``.
@Suite("Cuts of power, XFS", .serialized)
struct XFSPowerTests {
  @Test(
    "P1 P2 P3 P6 P8: what was acknowledged survives a cut of power, and what was on its way is there whole or not at all",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(60)),
    arguments: [12, 14])
  func cut(seed: Int) async throws {
    let run = try await PowerRun.of("xfs", "\(seed)", "50")
    #expect(run.status == 0, "\(run.said)")
  }

  @Test(
    "a build that leaves out a sync does not survive cuts of power",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(60)),
    arguments: ["sync-catalog"])
  func mutants(step: String) async throws {
    let run = try await PowerRun.of("xfs", "5", "25", step)
    #expect(run.status == 1 && run.said.hasPrefix("FAILED: xfs, seed 5"), "\(run.said)")
  }

  @Test(
    "P2 P5: what is restored by reflink is synced and compared with its digest as a copy is",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), .timeLimit(.minutes(60)))
  func reflinks() throws {
    let run = try HarnessProgram.run(["reflinks"], inOwnMounts: true)
    #expect(run.status == 0, "\(run.said)")
  }

  private static let obstacle = LoopFileSystem.obstacle(.xfs)
}
