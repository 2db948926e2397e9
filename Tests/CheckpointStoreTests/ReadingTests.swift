// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import CheckpointStore

@Suite("fsck --read-data")
struct ReadingTests {
  private let fixture: StoreFixture
  private var store: Store { fixture.store }
  private let texts = (1...24).map { "content \($0)" }

  init() throws {
    fixture = try StoreFixture()
    let files = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ("\($0).sst", $1) })
    try fixture.commit(try fixture.source("a", files), policy: .copy)
  }

  private func blob(_ text: String) throws -> FilePath {
    let digest = Digest(hashing: Array(text.utf8)).hexadecimal
    let shelf = fixture.path.appending("blobs").appending(String(digest.prefix(2)))
    return shelf.appending(try #require(try shelf.names.first { $0.hasPrefix(digest) }))
  }

  /// Other bytes, and the time that the file had.
  private func rot(_ text: String) throws {
    let path = try blob(text)
    let time = try path.status.modified
    try path.write(String(text.reversed()))
    try path.setModified(time)
  }

  /// Reads everything, and stops when so many bytes are read.
  private func read(upTo limit: Int64 = .max, anew: Bool = false, jobs: Int = 1) throws
    -> CheckReport
  {
    var options = CheckOptions(readsData: true)
    options.jobs = jobs
    options.readsAnew = anew
    let cancellation = options.cancellation
    return try store.check(options) { if $0.doneBytes >= limit { cancellation.request() } }
  }

  @Test("a run that was interrupted is gone on with, and the one after a whole one reads all again")
  func resumes() throws {
    let interrupted = try read(upTo: 300)
    #expect(interrupted.problems.isEmpty && !interrupted.isClean)
    let first = try #require(interrupted.reading)
    #expect(!first.isComplete && first.resumed == nil && first.earlierBytes == 0)
    let second = try #require(try read().reading)
    #expect(second.isComplete && second.resumed != nil)
    #expect(second.earlierBytes > 0 && second.earlierBytes == first.readBytes)
    // Pages are read by every run, and count once.
    #expect(second.readBytes == second.totalBytes - second.earlierBytes)
    let third = try #require(try read().reading)
    #expect(third.isComplete && third.resumed == nil && third.readBytes == third.totalBytes)
  }

  @Test("--restart reads what an interrupted run has read, too")
  func restarts() throws {
    _ = try read(upTo: 100)
    let reading = try #require(try read(anew: true).reading)
    #expect(reading.resumed == nil && reading.readBytes == reading.totalBytes)
  }

  @Test(
    "a resume point hides nothing: what was added, written to, replaced or touched since is read",
    arguments: [1, 3])
  func hidesNothing(jobs: Int) throws {
    _ = try read(upTo: 150)
    // Of all blobs, so also of those that were read.
    for text in texts.prefix(8) { try rot(text) }
    for text in texts.dropFirst(8).prefix(8) {
      let path = try blob(text)
      let copy = fixture.scratch.path.appending("copy")
      try copy.write(String(text.reversed()))
      try copy.setModified(path.status.modified)
      try FileSystemCalls.rename(copy, to: path)
    }
    try fixture.commit(try fixture.source("b", ["new.sst": "added since"]), policy: .copy)
    try rot("added since")
    let report = try read(jobs: jobs)
    #expect(report.reading?.resumed != nil)
    #expect(report.problems.map(\.kind) == Array(repeating: .corruptBlob, count: 17))
  }

  @Test("what was collected between two runs is no damage")
  func collected() throws {
    try fixture.commit(try fixture.source("b", ["other.sst": "other"]))
    _ = try read(upTo: 200)
    try store.drop([fixture.checkpoint("orders/chk-1")], force: false)
    _ = try store.collectGarbage()
    let report = try read()
    #expect(report.isClean && report.reading?.isComplete == true)
  }

  @Test("damage that an interrupted run has found is told by it, and again by the next")
  func tellsDamage() throws {
    for text in texts { try rot(text) }
    let first = try read(upTo: 60)
    #expect(!first.problems.isEmpty && first.problems.count < texts.count)
    let second = try read()
    #expect(second.problems.count == texts.count && second.reading?.isComplete == true)
  }

  @Test(
    "a file whose status cannot be had is damage of that file, and all others are read",
    arguments: [true, false])
  func withoutStatus(readsData: Bool) throws {
    try rot(texts[1])
    let shelf = try blob(texts[0]).removingLastComponent()
    let files = try shelf.names.count
    try FileSystemCalls.rename(shelf, to: fixture.scratch.path.appending("shelf"))
    try FileSystemCalls.makeSymbolicLink(shelf, to: shelf)
    var options = CheckOptions(readsData: readsData)
    options.jobs = 1
    let report = try store.check(options)
    let unreadable = report.problems.filter { $0.kind == .unreadableBlob }
    #expect(unreadable.count == files && unreadable.allSatisfy { !$0.checkpoints.isEmpty })
    #expect(report.problems.contains { $0.kind == .corruptBlob } == readsData)
    let directory = report.problems.first { $0.kind == .unreadableDirectory }
    #expect(directory?.path == "blobs/\(try #require(shelf.lastComponent).string)")
  }

  /// Makes writing to a table of the catalog fail, as on a full disk.
  private func refuse(_ operation: String) throws {
    try SQLite.run(
      "CREATE TRIGGER full BEFORE \(operation) BEGIN SELECT RAISE(ABORT, 'full'); END",
      in: fixture.path.appending("catalog.sqlite"))
  }

  @Test(
    "where it cannot be noted what was read, all is read all the same, and a notice says so",
    arguments: ["UPDATE ON reading_pass", "INSERT ON reading"], [1, 3])
  func unnoted(_ operation: String, _ jobs: Int) throws {
    try rot(texts[5])
    try refuse(operation)
    let report = try read(jobs: jobs)
    #expect(report.problems.map(\.kind) == [.corruptBlob] && report.failure == nil)
    #expect(report.notices.map(\.kind) == [.unnotedReading])
    let reading = try #require(report.reading)
    #expect(reading.isComplete && reading.readBytes == reading.totalBytes)
  }

  @Test("what cannot be condemned is told all the same, and all others are read")
  func uncondemned() throws {
    for text in texts.prefix(2) { try rot(text) }
    try refuse("UPDATE ON blob")
    let report = try read()
    #expect(report.problems.map(\.kind) == [.corruptBlob, .corruptBlob])
    #expect(report.reading?.readBytes == report.reading?.totalBytes)
    #expect(report.failure?.code == .io && !report.isClean)
  }

  @Test("once it is interrupted nothing is repaired")
  func interruptedRepair() throws {
    for text in texts { try rot(text) }
    var options = CheckOptions(readsData: true, repairs: true)
    options.jobs = 1
    let cancellation = options.cancellation
    let report = try store.check(options) { if $0.doneBytes >= 60 { cancellation.request() } }
    #expect(!report.problems.isEmpty && report.repaired.isEmpty)
    #expect(report.problems.allSatisfy { $0.detail.contains("did not come to its end") })
    #expect(try !fixture.path.appending("quarantine").exists)
  }

  @Test("what was asked to end says so, wherever it noticed")
  func cancelled() throws {
    let errors: [any Error] = [CancellationError(), FileError("read", "file", .canceled)]
    for error in errors { #expect(StoreError(error).code == .cancelled) }
  }

  @Test("many threads find what one finds, each file once", arguments: [1, 2, 8, 64])
  func threads(_ jobs: Int) throws {
    for text in texts.prefix(5) { try rot(text) }
    let report = try read(jobs: jobs)
    #expect(Set(report.problems.map(\.path)).count == 5 && report.problems.count == 5)
    #expect(report.reading?.readBytes == report.reading?.totalBytes)
  }

  @Test("a reading that somebody else ends meanwhile ends nothing that began after it")
  func twoAtOnce() throws {
    let now = Timestamp(nanoseconds: WallClock.now())
    let first = try store.catalog.beginReading(anew: false, now: now)
    try store.catalog.finishReading(first)
    let second = try store.catalog.beginReading(anew: false, now: now)
    try store.catalog.finishReading(first)
    #expect(!second.isResumed && second.turn > first.turn)
    let resumed = try store.catalog.beginReading(anew: false, now: now)
    #expect(resumed.isResumed && resumed.turn == second.turn)
  }
}
