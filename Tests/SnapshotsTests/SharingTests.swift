// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import SystemPackage
import TestSupport
import Testing

@Suite struct SharingTests {
  @Test("tables of two checkpoints are stored once and counted twice, other files are apart")
  func sharing() throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    try database.createCheckpoint(at: bench("one"), flush: .always)
    try database.fill(1000..<2000)
    try database.createCheckpoint(at: bench("two"), flush: .always)

    let one = try bench.store.commit(bench("one"), to: bench.orders)
    let reading = Reading()
    let two = try bench.store.commit(bench("two"), to: bench.orders, progress: reading.handler)

    #expect(one.number.rawValue == 1)
    #expect(two.number.rawValue == 2)
    let (first, second) = (try bench("one").sizes, try bench("two").sizes)
    #expect(one.files == first.count && one.newFiles == one.files && one.keptFiles == 0)
    #expect(one.fullBytes == first.values.reduce(0, +))
    let tables = first.filter { $0.key.hasSuffix(".sst") }
    #expect(tables.count == 1)
    #expect(two.fullBytes == second.values.reduce(0, +))
    #expect(two.keptFiles >= 1)
    #expect(two.newBytes <= two.fullBytes - tables.values.reduce(0, +))
    // The table is not read again: the store has its very inode, or what it hashed before.
    #expect(reading.progress?.totalBytes == two.fullBytes - tables.values.reduce(0, +))
    #expect(reading.progress?.doneBytes == reading.progress?.totalBytes)

    let entries = try bench.entries(two)
    for name in try bench("two").names {
      let entry = try #require(entries[try EntryPath(name)])
      #expect(entry.entry.isShared == name.hasSuffix(".sst"))
      if name.hasSuffix(".sst") {
        #expect(entry.references == (tables[name] == nil ? 1 : 2))
      }
    }
    #expect(try bench.restored(one, "r1").rows.count == 1000)
    #expect(try bench.restored(two, "r2").rows.count == 2000)
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("files that were hashed long after their last write are not read again, links or not")
  func evidence() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    for name in try checkpoint.names { try checkpoint.appending(name).age() }
    let first = Reading()
    var options = CommitOptions(ingest: .copy)
    _ = try bench.store.commit(
      checkpoint, to: bench.orders, options: options, progress: first.handler)
    #expect(first.progress?.doneBytes == (try checkpoint.sizes.values.reduce(0, +)))

    let second = Reading()
    let again = try bench.store.commit(
      checkpoint, to: try HistoryName("other"), options: options, progress: second.handler)
    #expect(second.progress == nil)
    #expect(again.newFiles == 0 && again.newBytes == 0 && again.keptFiles == again.files)

    options.number = CheckpointNumber(rawValue: 1)
    let third = Reading()
    let same = try bench.store.commit(
      checkpoint, to: bench.orders, options: options, progress: third.handler)
    #expect(same.isExisting && third.progress == nil)
  }

  @Test("tables of one name and size with other bytes are not mistaken for one another")
  func repeatedNames() throws {
    let bench = try Bench()
    let origin = try bench.checkpoint()
    var reports: [CommitReport] = []
    for letter in ["a", "b"] as [Character] {
      try origin.copy(to: bench("\(letter)"))
      let database = try bench.database("\(letter)")
      try database.fill(5000..<6000, letter)
      try database.createCheckpoint(at: bench("\(letter)-cp"), flush: .always)
      reports.append(try bench.store.commit(bench("\(letter)-cp"), to: bench.orders))
    }
    let (a, b) = (try bench.entries(reports[0]), try bench.entries(reports[1]))
    let alike = a.filter { path, entry in
      guard let content = entry.entry.content, let other = b[path]?.entry.content else {
        return false
      }
      return entry.entry.isShared && content.size == other.size && content.digest != other.digest
    }
    #expect(!alike.isEmpty, "the trap this test is about must be there")
    for (report, letter) in zip(reports, ["a", "b"]) {
      let rows = try bench.restored(report, "restored-\(letter)").rows
      #expect(rows.count == 2000)
      #expect(rows[bytes("key-1005500")] == bytes(String(repeating: letter, count: 100)))
    }
  }

  @Test("a file that has the inode, size and time of one hashed before is hashed all the same")
  func reusedInode() throws {
    let bench = try Bench()
    let directory = try bench.scratch.directory("plain")
    let file = directory.appending("000007.sst")
    try file.write("first content")
    try file.age()
    let before = try file.status
    let options = CommitOptions(ingest: .copy, isUnchecked: true)
    _ = try bench.store.commit(directory, to: bench.orders, options: options)

    for _ in 0..<1000 {
      try FileSystemCalls.unlink(file)
      try file.write("other content")
      if try file.status.inode == before.inode { break }
    }
    try file.setModified(before.modified)
    let after = try file.status
    #expect(after.size == before.size && after.modified == before.modified)
    let report = try bench.store.commit(directory, to: bench.orders, options: options)
    let entry = try #require(try bench.entries(report)[try EntryPath("000007.sst")])
    #expect(entry.entry.content?.digest == Digest(hashing: bytes("other content")))
  }

  @Test("a table that RocksDB patches after it was linked into the store is told, and kept anew")
  func patchedInPlace() throws {
    let bench = try Bench()
    var writer = try TableFileWriter(bench("external"))
    for key in 0..<500 { try writer.put(bytes("key-\(1_000_000 + key)"), bytes("external")) }
    try writer.finish()
    try FileSystemCalls.link(bench("external"), as: bench("moved"))

    // Nothing in the first database is older, so the table stays as it is.
    let first = try bench.database("first")
    try first.ingest([bench("external")], mode: .move)
    try first.createCheckpoint(at: bench("first-cp"), flush: .always)
    let one = try bench.store.commit(
      bench("first-cp"), to: bench.orders, options: CommitOptions(ingest: .link))
    let linked = try #require(try bench.entries(one).values.first { $0.entry.isShared })
    let old = try #require(linked.entry.content)

    // The second one's rows are older than the table's, which must say so in its own bytes.
    let second = try bench.database("second")
    try second.fill(0..<500)
    try second.ingest([bench("moved")], mode: .move)
    try second.createCheckpoint(at: bench("second-cp"), flush: .always)
    let two = try bench.store.commit(bench("second-cp"), to: try HistoryName("second"))

    let digests = try bench.entries(two).values.filter(\.entry.isShared)
      .compactMap(\.entry.content?.digest)
    #expect(digests.count == 2 && !digests.contains(old.digest))
    let rows = try bench.restored(two, "restored").rows
    #expect(rows.count == 500 && rows.values.allSatisfy { $0 == bytes("external") })
    #expect {
      _ = try bench.store.open(old.digest)
    } throws: { error in
      (error as? StoreError)?.code == .damaged && "\(error)".contains("orders/chk-1")
    }
    // The new commit's content has a file of its own, which no later patch reaches.
    for digest in digests { #expect(try bench.store.open(digest) != nil) }
    #expect(try bench.store.check(readData: true, repair: false).problems.count == 1)
  }

  @Test("a directory with a free LOCK is kept without links to its files")
  func openedOnce() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let database = try bench.database("checkpoint")
    try database.put(bytes("more"), bytes("rows"))
    try database.createCheckpoint(at: bench("other"), flush: .always)
    _ = consume database
    #expect(try checkpoint.appending("LOCK").exists)
    let before = try checkpoint.statuses
    let report = try bench.store.commit(checkpoint, to: bench.orders)
    #expect(try checkpoint.statuses == before)
    #expect(report.skipped.map(\.description).contains("LOCK"))
    #expect(try bench.restored(report, "restored").rows.count == 1001)
  }
}
