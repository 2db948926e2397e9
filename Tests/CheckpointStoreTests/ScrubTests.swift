// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CheckpointStore

@Suite("Scrubbing")
struct ScrubTests {
  private let fixture: StoreFixture
  private let texts = (1...10).map { "number \($0 + 100)" }

  init() throws {
    fixture = try StoreFixture()
    let files = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ("\($0).sst", $1) })
    try fixture.commit(try fixture.source("a", files), policy: .copy)
  }

  private func scrub(_ rate: String = "1%/day", at clock: TestClock? = nil) throws -> Scrub {
    let clock = clock ?? TestClock()
    return Scrub(
      of: fixture.path, at: try #require(ScrubRate(rate)), cancellation: Cancellation(),
      now: { clock.now })
  }

  /// A clock that goes only where it is told to.
  private final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    init(at time: Timestamp = Timestamp(nanoseconds: 1_800_000_000_000_000_000)) {
      self.time = Mutex(time)
    }

    var now: Timestamp { time.withLock(\.self) }

    func advance(by duration: Duration) {
      time.withLock {
        $0 = Timestamp(nanoseconds: $0.nanoseconds + Int64(duration / .nanoseconds(1)))
      }
    }
  }

  /// A step, with all that it found told.
  private func step(_ scrub: inout Scrub) throws -> (step: Scrub.Step, problems: [Problem]) {
    let step = try scrub.step()
    for finding in step.findings { scrub.noteTold(finding) }
    return (step, step.findings.map(\.problem))
  }

  private func rot(_ text: String) throws {
    let digest = Digest(hashing: Array(text.utf8)).hexadecimal
    let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
    let path = shelf.appending(try #require(try shelf.names.first { $0.hasPrefix(digest) }))
    let time = try path.status.modified
    try path.write(String(text.reversed()))
    try path.setModified(time)
  }

  @Test("a rate is a percentage of all bytes in an hour, a day, a week or a month of 30 days")
  func rates() throws {
    let day = try #require(ScrubRate("1%/day"))
    #expect(day.pause(afterReading: 1000, of: 100_000) == .seconds(86_400))
    #expect(day.pause(afterReading: 0, of: 100) == .seconds(600))
    #expect(day.pause(afterReading: 0, of: 0) == .seconds(600))
    let week = try #require(ScrubRate("50%/week"))
    #expect(week.pause(afterReading: 50, of: 100) == .seconds(604_800))
    #expect(ScrubRate("0.5%/hour") != nil && ScrubRate("100%/month") != nil)
    for text in [
      "", "1%", "1/day", "0%/day", "-1%/day", "1%/year", "x%/day", "1%/day ", "1e1%/day",
    ] {
      #expect(ScrubRate(text) == nil, "\(text)")
    }
  }

  @Test(
    "each step reads at least a file, waits as the rate says, and comes to all, also in many processes"
  )
  func comesToAll() throws {
    for text in [texts[0], texts[4], texts[9]] { try rot(text) }
    var found: [Problem] = []
    var steps = 0
    var bytes: Int64 = 0
    let clock = TestClock()
    while bytes < 2000, steps < 100 {
      // A new one each time: where it is it knows from the catalog.
      var scrub = try scrub(at: clock)
      let (step, problems) = try step(&scrub)
      #expect(step.readBytes > 0 && step.pause > .seconds(60))
      clock.advance(by: step.pause)
      found += problems
      bytes += step.readBytes
      steps += 1
      if found.count == 3 { break }
    }
    #expect(Set(found.map(\.path)).count == 3 && found.count == 3)
    #expect(found.allSatisfy { $0.checkpoints.map(\.description) == ["orders/chk-1"] })
    let condemned = try fixture.store.check(readData: false, repair: false).problems
    #expect(condemned.map(\.kind) == Array(repeating: .corruptBlob, count: 3))
  }

  @Test("who begins anew, however often, neither starts over nor reads before it is due")
  func keepsPace() throws {
    let clock = TestClock()
    var first = try scrub(at: clock)
    let pause = try step(&first).step.pause
    #expect(pause > .seconds(3600))
    for _ in 1...3 {
      clock.advance(by: pause / 4)
      var next = try scrub(at: clock)
      let (step, problems) = try step(&next)
      #expect(step.readBytes == 0 && problems.isEmpty && step.pause < pause)
    }
    clock.advance(by: pause)
    var next = try scrub(at: clock)
    #expect(try step(&next).step.readBytes > 0)
    let rest = try fixture.store.readingAge()
    #expect(rest.neverReadBytes > 0 && rest.oldest != nil)
    // A clock that is set back by years holds it up for no longer than the pause.
    clock.advance(by: .seconds(-100_000_000))
    var late = try scrub(at: clock)
    let held = try step(&late).step
    #expect(held.readBytes == 0 && held.pause <= pause * 2)
    #expect(try step(&late).step.readBytes > 0)
  }

  @Test("it is told what was never read, and what was not read within 30 days")
  func age() throws {
    let all = try fixture.store.readingAge()
    #expect(all.neverReadBytes == all.notRecentlyReadBytes && all.oldest == nil)
    let now = Timestamp(nanoseconds: WallClock.now())
    let clock = TestClock(at: now)
    clock.advance(by: .seconds(-29 * 86_400))
    var scrub = try scrub("1000000%/hour", at: clock)
    _ = try step(&scrub)
    let recent = try fixture.store.readingAge()
    #expect(recent.neverReadBytes == 0 && recent.notRecentlyReadBytes == 0)
    #expect(recent.oldest == clock.now)
    let later = Timestamp(nanoseconds: now.nanoseconds + 2 * 86_400 * 1_000_000_000)
    let old = try fixture.store.catalog.readingAge(now: later)
    #expect(old.neverReadBytes == 0 && old.notRecentlyReadBytes == all.neverReadBytes)
  }

  @Test("what is rotten or missing is told once, and holds the others up no more")
  func tellsOnce() throws {
    let digest = Digest(hashing: Array(texts[0].utf8)).hexadecimal
    let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
    let name = try #require(try shelf.names.first { $0.hasPrefix(digest) })
    try FileSystemCalls.unlink(shelf.appending(name))
    var scrub = try scrub("1000000%/hour")
    #expect(try step(&scrub).problems.map(\.kind) == [.missingBlob])
    for _ in 1...3 {
      let (step, problems) = try step(&scrub)
      #expect(problems.isEmpty && step.readBytes > 0)
    }
  }

  @Test(
    "what nobody has heard of is told by each step, though it is condemned, until it is told or collected"
  )
  func tellsUntold() throws {
    try rot(texts[3])
    var scrub = try scrub("1000000%/hour")
    for _ in 1...3 {
      #expect(try scrub.step().findings.map(\.problem.kind) == [.corruptBlob])
    }
    #expect(try step(&scrub).problems.count == 1)
    #expect(try step(&scrub).problems.isEmpty)
    try rot(texts[4])
    #expect(try scrub.step().findings.count == 1)
    try fixture.commit(try fixture.source("b", ["9.sst": "other"]))
    try fixture.store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    _ = try fixture.store.collectGarbage()
    #expect(try scrub.step().findings.isEmpty)
  }

  @Test("while files are read, whoever waits for signs of life hears of it")
  func tellsProgress() throws {
    let pieces = Atomic(0)
    var scrub = Scrub(
      of: fixture.path, at: try #require(ScrubRate("1000000%/hour")), cancellation: Cancellation()
    ) { _ in pieces.add(1, ordering: .relaxed) }
    _ = try scrub.step()
    #expect(pieces.load(ordering: .relaxed) >= texts.count)
  }

  @Test("a file whose status cannot be had is told, and holds the others up no more")
  func withoutStatus() throws {
    let digest = Digest(hashing: Array(texts[0].utf8)).hexadecimal
    let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
    try FileSystemCalls.rename(shelf, to: fixture.scratch.path.appending("shelf"))
    try FileSystemCalls.makeSymbolicLink(shelf, to: shelf)
    var scrub = try scrub("1000000%/hour")
    var found: [Problem] = []
    for number in 1...20 {
      let (step, problems) = try step(&scrub)
      found += problems
      if step.readBytes > 0 { break }
      #expect(number < 20)
    }
    #expect(found.contains { $0.kind == .unreadableBlob })
  }

  @Test("what fsck has read comes last")
  func sharesReadings() throws {
    var options = CheckOptions(readsData: true)
    options.jobs = 1
    #expect(try fixture.store.check(options).isClean)
    try fixture.commit(try fixture.source("b", ["9.sst": "since then"]), policy: .copy)
    try rot("since then")
    var scrub = try scrub("1000000%/hour")
    #expect(try step(&scrub).problems.map(\.kind) == [.corruptBlob])
  }

  @Test("a store none of whose files is there, as where their disk is not mounted, is waited for")
  func allMissing() throws {
    for shelf in try fixture.path.appending("blobs").names {
      let shelf = fixture.path.appending("blobs").appending(shelf)
      for name in try shelf.names { try FileSystemCalls.unlink(shelf.appending(name)) }
    }
    var scrub = try scrub("1000000%/hour")
    for number in 1...3 {
      let (step, problems) = try step(&scrub)
      #expect(step.readBytes == 0 && step.pause >= .seconds(60))
      #expect(problems.isEmpty == (number > 1))
    }
  }

  @Test("an empty store is waited for")
  func empty() throws {
    let other = try StoreFixture()
    var scrub = Scrub(
      of: other.path, at: try #require(ScrubRate("1%/day")), cancellation: Cancellation())
    let step = try scrub.step()
    #expect(step.readBytes == 0 && step.pause >= .seconds(60))
  }
}
