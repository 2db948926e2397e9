// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

@Suite struct ReportTests {
  private var now: Timestamp { Timestamp(nanoseconds: WallClock.now()) }

  @Test(
    "unreferenced files are those of the ground truth, and none is missing", arguments: Sample.all)
  func unreferenced(sample: Sample) throws {
    let tree = try SampleTree(sample)
    let source = try FlinkSource(tree.path)
    let files = try source.unreferenced(minimumAge: .zero, now: now).files
    let expected = tree.files.filter { $0.references == 0 }
    #expect(files.map(\.path.string) == expected.map(\.path).sorted())
    #expect(files.map { Int64($0.size) } == expected.sorted { $0.path < $1.path }.map(\.size))
    #expect(try source.missingFiles().isEmpty)
  }

  @Test("a file that is absent or of another size is missing, with all who need it")
  func missing() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-incremental"))
    let job = "4aa32f29c52d633e0fc1ad390ad5c569"
    let victims = tree.files.filter { $0.references == 3 && $0.path.contains("/shared/") }
    try #require(victims.count >= 2)
    try FileSystemCalls.unlink(tree.path.appending(victims[0].path))
    let cut = tree.path.appending(victims[1].path)
    try cut.write("short")
    let source = try FlinkSource(tree.path)
    let missing = try source.missingFiles()
    for (victim, clause) in [(victims[0], "neither at"), (victims[1], "has 5 bytes instead of")] {
      let found = missing.filter { $0.path.hasSuffix(victim.path) }
      #expect(found.count == 3, "\(victim.path)")
      #expect(found.allSatisfy { $0.reason.contains(clause) }, "\(found.map(\.reason))")
      #expect(found.allSatisfy { $0.operatorID != nil && $0.subtask != nil })
      #expect(found.allSatisfy { $0.history.rawValue.hasPrefix(job) || $0.number.rawValue > 10 })
    }
    #expect(missing.count == 6)
  }

  @Test("a file that vanishes is an error for that file alone, which names who needs it")
  func vanishing() throws {
    let job = try MadeJob()
    for name in ["a", "b"] { try job.write(name, "12345") }
    let files = [("000001.sst", job.recorded("a"), 5), ("000002.sst", job.recorded("b"), 5)]
      .map { (name: $0.0, path: $0.1, size: Int64($0.2)) }
    try job.complete(1, MadeJob.metadata(1, files))
    try job.complete(2, MadeJob.metadata(2, files))
    let source = try FlinkSource(job.path)
    let id = try #require(try source.all().first).checkpoint.id
    let directory = "\(MadeJob.operatorID)/0"
    let first = try #require(try source.entry(at: EntryPath("\(directory)/000001.sst"), of: id))
    let second = try #require(try source.entry(at: EntryPath("\(directory)/000002.sst"), of: id))
    try FileSystemCalls.unlink(job.path.appending("shared/a"))
    let error = #expect(throws: SourceError.self) { try source.read(first) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("chk-1, chk-2 need it") == true, "\(error?.message ?? "")")
    #expect(try source.read(second) == Array("12345".utf8))
  }

  @Test("a file that was copied after its checkpoint is found, also by a mount that missed it")
  func lateCopy() throws {
    let job = try MadeJob()
    let files = [(name: "000001.sst", path: job.recorded("late"), size: Int64(5))]
    try job.complete(1, MadeJob.metadata(1, files))
    let source = try FlinkSource(job.path)
    #expect(try source.missingFiles().count == 1)
    let id = try #require(try source.all().first).checkpoint.id
    let path = try EntryPath("\(MadeJob.operatorID)/0/000001.sst")
    let record = try #require(try source.entry(at: path, of: id))
    #expect(throws: SourceError.self) { try source.read(record) }
    try job.write("late", "12345")
    #expect(try source.missingFiles().isEmpty)
    #expect(try source.read(record) == Array("12345".utf8))
  }

  @Test("a young file may belong to a running checkpoint")
  func minimumAge() throws {
    let job = try MadeJob()
    try job.write("young", "1")
    try job.write("old", "22")
    try job.path.appending("shared/old").setModified(WallClock.now() - 7200 * 1_000_000_000)
    let source = try FlinkSource(job.path)
    let files = try source.unreferenced(minimumAge: .seconds(3600), now: now).files
    #expect(files.map(\.path) == ["shared/old"])
    #expect(files.map(\.size) == [2])
    let text = String(decoding: try source.text(of: .unreferenced), as: UTF8.self)
    #expect(text.hasPrefix("2\t72") && text.hasSuffix("\tshared/old\n"))
  }

  @Test("what another store holds is missing, and says why")
  func remote() throws {
    let job = try MadeJob()
    try job.complete(
      1, MadeJob.metadata(1, [(name: "000001.sst", path: "s3://bucket/x", size: 9)]))
    let source = try FlinkSource(job.path)
    let missing = try #require(try source.missingFiles().first)
    #expect(missing.part == "000001.sst")
    #expect(missing.reason.contains("'s3:'"))
    #expect(missing.place == "\(MadeJob.name)/chk-1/\(MadeJob.operatorID)/0")
    let id = try #require(try source.all().first).checkpoint.id
    let path = try EntryPath("\(MadeJob.operatorID)/0/000001.sst")
    let record = try #require(try source.entry(at: path, of: id))
    #expect(record.entry.content?.size == 9)
    #expect(throws: SourceError.self) { try source.read(record) }
  }

  @Test("a checkpoint that a later one refers to keeps its files")
  func referencedCheckpoint() throws {
    let job = try MadeJob()
    for number in [3, 4] {
      try FileSystemCalls.makeDirectory(job.path.appending("chk-\(number)"))
      try job.path.appending("chk-\(number)/state").write("x")
    }
    try job.complete(5, MadeJob.metadata(5, [], version: 7, referring: 3))
    let source = try FlinkSource(job.path)
    let files = try source.unreferenced(minimumAge: .zero, now: now).files
    #expect(files.map(\.path) == ["chk-4/state"])
  }

  @Test(
    "a file is not unreferenced whose name a checkpoint refers to, wherever that was recorded",
    arguments: [
      "s3a://bucket/job/shared/", "file:/gone/elsewhere/", "file:/gone/\(MadeJob.name)/shared/",
    ])
  func usedName(recorded: String) throws {
    let job = try MadeJob()
    for name in ["used", "left"] { try job.write(name, "1") }
    try job.complete(
      1, MadeJob.metadata(1, [(name: "000001.sst", path: recorded + "used", size: 1)]))
    // Deeper than where it was written, it is found by no end of its path.
    try FileSystemCalls.makeDirectory(job.path.appending("shared/copy"))
    try job.write("copy/used", "1")
    let found = try FlinkSource(job.path).unreferenced(minimumAge: .zero, now: now)
    #expect(found.files.map(\.path) == ["shared/left"])
    #expect(found.checkpoints == 1 && found.unread.isEmpty)
  }

  @Test(
    "a checkpoint that lies where none is looked for is told of, and its directory is left alone",
    arguments: [
      ("shared/chk-1", true), (".hidden/chk-1", true), ("chk-9/inner", true),
      ("savepoint/inner", true), ("a/b/c/d/e/f/g/chk-1", true), ("a/b/c/d/e/f/chk-1", false),
      ("0f0e0d0c-1111-2222-3333-444455556666/chk-1", false), ("savepoint-1", false),
    ])
  func unseen(place: String, isUnseen: Bool) throws {
    let job = try MadeJob()
    var directory = job.path
    for name in place.split(separator: "/") {
      directory.append(String(name))
      if try !directory.exists { try FileSystemCalls.makeDirectory(directory) }
    }
    let metadata = MadeJob.metadata(1, [])
    try directory.appending("_metadata").write(metadata)
    try directory.appending("state").write("1")
    if place.hasPrefix("savepoint/") {
      try job.path.appending("savepoint/_metadata").write(metadata)
    }
    let found = try FlinkSource(job.path).unreferenced(minimumAge: .zero, now: now)
    #expect(found.unread.map(\.directory) == (isUnseen ? [directory] : []))
    #expect(found.files.map(\.path) == (isUnseen ? [] : [FilePath("\(place)/state")]))
    let text = String(
      decoding: try FlinkSource(job.path).text(of: .unreferenced), as: UTF8.self)
    #expect(text.hasPrefix("-\t-\t\t\(directory)\t") == isUnseen, "\(text)")
  }

  @Test("what completed since the last look, or during the search, is in use")
  func completedMeanwhile() throws {
    let job = try MadeJob()
    for name in ["used", "late", "left"] { try job.write(name, "1") }
    let source = try FlinkSource(job.path)
    func complete(_ number: Int64, using name: String) throws {
      try job.complete(
        number,
        MadeJob.metadata(
          number, [(name: "000001.sst", path: "file:\(job.path)/shared/\(name)", size: 1)]))
    }
    try complete(1, using: "used")
    let found = try source.unreferenced(minimumAge: .zero, now: now)
    #expect(found.files.map(\.path) == ["shared/late", "shared/left"])
    #expect(found.checkpoints == 1 && found.unread.isEmpty)
    var search = try UnreferencedSearch(
      FilesInUse(source.lookedAtNow()), root: job.path, latest: now)
    #expect(search.found == found.files)
    try complete(2, using: "late")
    search.leaveOut(FilesInUse(try source.lookedAtNow()))
    #expect(search.found.map(\.path) == ["shared/left"])
  }

  @Test(
    "a link to what may be a checkpoint elsewhere is told of, one to what is seen anyway is not")
  func links() throws {
    let job = try MadeJob()
    let elsewhere = try ScratchDirectory()
    try job.complete(1, MadeJob.metadata(1, []))
    let (checkpoint, shared) = (job.path.appending("chk-1"), job.path.appending("shared"))
    try FileSystemCalls.makeSymbolicLink(job.path.appending("latest"), to: checkpoint)
    try FileSystemCalls.makeSymbolicLink(job.path.appending("none"), to: "/nowhere")
    try FileSystemCalls.makeSymbolicLink(shared.appending("shared"), to: elsewhere.path)
    #expect(try FlinkSource(job.path).unreferenced(minimumAge: .zero, now: now).unread.isEmpty)
    let link = job.path.appending("moved")
    try FileSystemCalls.makeSymbolicLink(link, to: elsewhere.path)
    let found = try FlinkSource(job.path).unreferenced(minimumAge: .zero, now: now)
    #expect(found.unread.map(\.directory) == [link])
    let metadata = checkpoint.appending("_metadata")
    try FileSystemCalls.rename(metadata, to: elsewhere.path.appending("m"))
    try FileSystemCalls.makeSymbolicLink(metadata, to: elsewhere.path.appending("m"))
    let source = try FlinkSource(job.path)
    #expect(try source.damaged.map(\.directory) == [checkpoint])
    let unread = try source.unreferenced(minimumAge: .zero, now: now).unread.map(\.directory)
    #expect(Set(unread) == [checkpoint, link])
  }

  @Test("of a checkpoint that is named itself and cannot be read no file is listed")
  func damagedItself() throws {
    let job = try MadeJob()
    try job.complete(1, [1, 2, 3, 4, 5, 6, 7, 8])
    let directory = job.path.appending("chk-1")
    try directory.appending("own").write("1")
    let found = try FlinkSource(directory).unreferenced(minimumAge: .zero, now: now)
    #expect(found.files.isEmpty && found.unread.map(\.directory) == [directory])
  }

  @Test("a file that arrives in a copy is read there, though it was taken from the original before")
  func arriving() throws {
    let (original, copy) = (try MadeJob(), try MadeJob())
    let name = "0f0e0d0c-1111-2222-3333-444455556666"
    try original.write(name, "1")
    try copy.complete(
      1,
      MadeJob.metadata(
        1, [(name: "000001.sst", path: "file:\(original.path)/shared/\(name)", size: 1)]))
    let source = try FlinkSource(copy.path)
    let record = try #require(try source.all().first).checkpoint
    let path = try EntryPath("\(MadeJob.operatorID)/0/000001.sst")
    let entry = try #require(try source.entry(at: path, of: record.id))
    #expect(try source.read(entry) == Array("1".utf8))
    try copy.write(name, "2")
    try FileSystemCalls.unlink(original.path.appending("shared/\(name)"))
    #expect(try source.read(entry) == Array("2".utf8))
    #expect(try source.missingFiles().isEmpty)
  }

  @Test(
    "a copy is shown from its own files while the original is there, and what it lacks is told of")
  func copyBesideOriginal() throws {
    let (original, copy) = (try MadeJob(), try MadeJob())
    let name = "0f0e0d0c-1111-2222-3333-444455556666"
    let metadata = MadeJob.metadata(
      1, [(name: "000001.sst", path: "file:\(original.path)/shared/\(name)", size: 1)])
    for job in [original, copy] {
      try job.write(name, "1")
      try job.complete(1, metadata)
    }
    let source = try FlinkSource(copy.path)
    #expect(try source.outsideFiles().isEmpty)
    let record = try #require(try source.all().first).checkpoint
    let path = try EntryPath("\(MadeJob.operatorID)/0/000001.sst")
    let entry = try #require(try source.entry(at: path, of: record.id))
    try copy.write(name, "2")
    #expect(try source.read(entry) == Array("2".utf8))
    try FileSystemCalls.unlink(copy.path.appending("shared/\(name)"))
    try copy.complete(2, MadeJob.metadata(2, []))
    let lacking = try FlinkSource(copy.path)
    let (first, second) = (record.id, try #require(try lacking.all().last).checkpoint.id)
    let outside = [original.path.appending("shared/\(name)")]
    #expect(try lacking.outsideFiles() == outside)
    #expect(try lacking.outsideFiles(of: first) == outside)
    #expect(try lacking.outsideFiles(of: second).isEmpty)
    #expect(first != second)
    #expect(try lacking.missingFiles().isEmpty)
  }

  @Test("the directory of a checkpoint that cannot be read is left alone")
  func damaged() throws {
    let job = try MadeJob()
    try job.complete(1, [1, 2, 3, 4, 5, 6, 7, 8])
    try job.path.appending("chk-1/state").write("x")
    let source = try FlinkSource(job.path)
    #expect(try source.unreferenced(minimumAge: .zero, now: now).files.isEmpty)
    let damaged = try source.damaged
    #expect(damaged.count == 1)
    #expect(damaged.first?.message.contains("4960672d") == true)
    #expect(try source.all().isEmpty)
  }

  @Test("reports are made once for many looks, and anew after a moment")
  func moments() throws {
    let job = try MadeJob()
    let long = WallClock.now() - 7200 * 1_000_000_000
    let source = try FlinkSource(job.path)
    func text() throws -> String {
      String(decoding: try source.text(of: .unreferenced), as: UTF8.self)
    }
    for number in 0... {
      let started = ContinuousClock.now
      let before = try text()
      try job.write("f\(number)", "1")
      try job.path.appending("shared/f\(number)").setModified(long)
      let after = try text()
      // On a machine that stood still for a moment there is nothing to be learnt.
      guard ContinuousClock.now - started < ReportCache.shortest else { continue }
      if before.isEmpty == after.isEmpty { break }
      try #require(number < 10, "each look looks at every file")
    }
    let deadline = ContinuousClock.now + .seconds(10)
    while try !text().contains("shared/f0"), ContinuousClock.now < deadline {}
    #expect(try text().contains("shared/f0"))
  }
}
