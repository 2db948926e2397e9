// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct EngineTests {
  @Test(
    "snapshots of a database in use hold a prefix of what was written, and all that was before",
    arguments: [FlushPolicy.always, .never, .whenLog(exceeds: 1 << 20)])
  func whileWriting(_ flush: FlushPolicy) async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, EngineOptions(flush: flush))
    let writer = Writer()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        var key = 0
        while !writer.isDone {
          try database.fill(key..<key + 1)
          key += 1
          writer.wrote(key)
          if key % 256 == 0 { await Task.yield() }
        }
      }
      group.addTask {
        defer { writer.stop() }
        for _ in 1...3 {
          let before = writer.written
          let snapshot = try engine.takeSnapshot()
          let after = writer.written
          let report = try await snapshot.materialize()
          let rows = try bench.rows(report.number)
          #expect(rows.count >= before && rows.count <= after + 1)
          #expect((0..<rows.count).allSatisfy { rows[bytes("key-\(1_000_000 + $0)")] != nil })
          #expect(report.warnings.isEmpty)
          while writer.written < after + 100 { await Task.yield() }
        }
      }
      try await group.waitForAll()
    }
    try bench.expectNothingLocal()
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("a snapshot takes in what changed since its base, and tells what it cost")
  func increment() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database)
    try database.fill(0..<10_000)
    let first = try await engine.takeSnapshot().materialize()
    #expect(first.number.rawValue == 1 && first.base == nil)
    #expect(first.newFiles == first.files && first.newBytes == first.fullBytes)

    try database.fill(20_000..<20_100)
    let phases = Mutex<[SnapshotProgress.Phase]>([])
    let second = try await engine.takeSnapshot().materialize { progress in
      phases.withLock { if $0.last != progress.phase { $0.append(progress.phase) } }
    }
    #expect(phases.withLock(\.self) == SnapshotProgress.Phase.allCases)
    #expect(second.number.rawValue == 2 && second.base == first.number)
    #expect(second.keptFiles >= 1 && second.newFiles + second.keptFiles == second.files)
    #expect(second.fullBytes > first.fullBytes && second.newBytes < first.newBytes / 10)
    #expect(second.flushDuration > .zero && second.flushDuration < second.synchronousDuration)
    #expect(second.asynchronousDuration > .zero)
    #expect(try bench.rows(second.number).count == 10_100)
    try bench.expectNothingLocal()
  }

  @Test("snapshots complete in any order, each holding its own moment, based on the last completed")
  func anyOrder() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database)
    var snapshots: [PendingSnapshot] = []
    for round in 0..<4 {
      try database.fill(1000 * round..<1000 * (round + 1))
      snapshots.append(try engine.takeSnapshot())
    }
    #expect(try bench.numbers.isEmpty)
    var bases: [Int64?] = []
    for index in [2, 0, 3, 1] {
      bases.append(try await snapshots[index].materialize().base?.rawValue)
    }
    #expect(bases == [nil, 3, 1, 4])
    #expect(try bench.numbers == [1, 2, 3, 4])
    for round in 1...4 {
      #expect(try bench.rows(try number(Int64(round))).count == 1000 * round)
    }
    #expect(try bench.store.check(readData: true, repair: false).isClean)
    try bench.expectNothingLocal()
  }

  @Test("snapshots that several threads take at a time have numbers in the order of their moments")
  func takenTogether() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, EngineOptions(flush: .never))
    let writer = Writer()
    let snapshots = try await withThrowingTaskGroup(of: [PendingSnapshot].self) { group in
      group.addTask {
        while !writer.isDone {
          try database.fill(writer.written..<writer.written + 1)
          writer.wrote(writer.written + 1)
          if writer.written % 64 == 0 { await Task.yield() }
        }
        return []
      }
      for _ in 0..<3 {
        group.addTask { try (0..<5).map { _ in try engine.takeSnapshot() } }
      }
      var snapshots: [PendingSnapshot] = []
      while snapshots.count < 15, let taken = try await group.next() { snapshots += taken }
      writer.stop()
      return snapshots
    }
    #expect(snapshots.map(\.number.rawValue).sorted() == Array(1...15))
    var counts: [Int] = []
    for snapshot in snapshots.sorted(by: { $0.number < $1.number }) {
      _ = try await snapshot.materialize()
      counts.append(try bench.rows(snapshot.number).count)
    }
    #expect(counts == counts.sorted())
  }

  @Test("several snapshots are materialised at a time")
  func together() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database, EngineOptions(workers: 2))
    let snapshots = try (0..<6).map { round in
      try database.fill(100 * round..<100 * (round + 1))
      return try engine.takeSnapshot()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for snapshot in snapshots {
        group.addTask { _ = try await snapshot.materialize() }
      }
      try await group.waitForAll()
    }
    for round in 1...6 {
      #expect(try bench.rows(try number(Int64(round))).count == 100 * round)
    }
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("a checkpoint says what its state is")
  func stateInformation() async throws {
    let bench = try Bench()
    var options = DatabaseOptions()
    options.appendsMerges = true
    let database = try Database(bench("db"), columnFamilies: ["clicks"], options: options)
    let states = [
      StateDescriptor(
        name: "clicks-by-user", columnFamily: "clicks",
        properties: ["type": "map", "serializer": .bytes([0, 255, 128])]),
      StateDescriptor(name: "timers"),
    ]
    let engine = try bench.engine(database)
    let report = try await engine.takeSnapshot(states: states).materialize()
    _ = try bench.store.restore(try bench.record(report), to: bench("restored"))
    let state = try StateInformation(in: bench("restored"))
    #expect(state.states == states)
    #expect(state.columnFamilies.map(\.name) == ["default", "clicks"])
    #expect(state.columnFamilies.allSatisfy { $0.comparator == "leveldb.BytewiseComparator" })
    #expect(state.columnFamilies.allSatisfy { $0.mergeOperator == "StringAppendOperator" })

    let error = try bench.refusal {
      _ = try engine.takeSnapshot(states: [StateDescriptor(name: "x", columnFamily: "views")])
    }
    #expect(error.code == .invalid && error.message.contains("'views'"))
  }

  @Test(
    "a checkpoint names an order of its own, without which nobody can open it, and no merge operator where there is none"
  )
  func foreignOrder() async throws {
    let bench = try Bench()
    let order = "rocksdb.ReverseBytewiseComparator"
    var options = DatabaseOptions()
    options.others = ["comparator": order]
    let database = try Database(bench("db"), options: options)
    try database.fill(0..<10)
    let report = try await bench.engine(database).takeSnapshot().materialize()
    _ = try bench.store.restore(try bench.record(report), to: bench("restored"))
    let family = try #require(try StateInformation(in: bench("restored")).columnFamilies.first)
    #expect(family.name == "default" && family.comparator == order && family.mergeOperator == nil)
    #expect(throws: RocksDBError.self) { try Database(readOnly: bench("restored")) }
    options.others = ["comparator": try #require(family.comparator)]
    #expect(try Database(readOnly: bench("restored"), options: options).rows == database.rows)
  }

  @Test("what a base has lost in the store is stored anew, whatever evidence there is")
  func damagedBase() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    let engine = try bench.engine(database, EngineOptions(ingest: .copy))
    _ = try await engine.takeSnapshot().materialize()
    // Tables that were written long ago are recognised, not read.
    for name in try bench("db").names where name.hasSuffix(".sst") { try bench("db/\(name)").age() }
    let recognised = try await engine.takeSnapshot().materialize()
    #expect(recognised.newFiles < recognised.files)
    let tables = try bench("db").names.filter { $0.hasSuffix(".sst") }
    let sizes = try tables.map { try bench("db/\($0)").status.size }
    for blob in try bench("store/blobs").filesBelow where try sizes.contains(blob.status.size) {
      try FileSystemCalls.unlink(blob)
    }
    #expect(try !bench.store.check(readData: false, repair: false).isClean)
    let report = try await engine.takeSnapshot().materialize()
    #expect(report.base == recognised.number)
    #expect(try bench.rows(report.number).count == 1000)
    // It is one content, so the others have it back, too.
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test(
    "a description of state that is not as written is told apart",
    arguments: [
      ("{\"format\":2}", SnapshotError.Code.unsupported), ("{}", .damaged), ("", .damaged),
      ("{\"format\":1,\"columnFamilies\":[],\"states\":[{\"name\":\"x\"}]}", .damaged),
      (
        """
        {"format":1,"columnFamilies":[],"states":[{"name":"x","columnFamily":"y","properties":{"z":{"base64":"?"}}}]}
        """, .damaged
      ),
    ])
  func hostileState(_ text: String, _ code: SnapshotError.Code) throws {
    let bench = try Bench()
    try bench(StateInformation.fileName).write(text)
    #expect(
      try bench.refusal { _ = try StateInformation(in: bench.scratch.path) }.code == code)
  }

  @Test("a directory that no engine made says nothing of its state")
  func noState() throws {
    let bench = try Bench()
    let error = try bench.refusal { _ = try StateInformation(in: bench.checkpoint()) }
    #expect(error.code == .notFound)
  }

  @Test("left-over local directories go with a warning, sub-directories and all")
  func leftOver() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    try database.fill(0..<10)
    func leave(_ names: [String]) throws {
      for name in names {
        let directory = bench("db.ckptfs-orders/\(name)")
        try FileSystemCalls.makeDirectory(directory)
        try FileSystemCalls.makeDirectory(directory.appending("sub"))
        try directory.appending("sub/file").write("left over")
      }
    }
    _ = try bench.scratch.directory("db.ckptfs-orders")
    try leave(["chk-1", "chk-1.tmp", "chk-8", "chk-x", "notes"])
    let engine = try bench.engine(database)
    #expect(engine.warnings.count == 3)
    #expect(try bench("db.ckptfs-orders").names.sorted() == ["chk-x", "notes"])

    try leave(["chk-1", "chk-1.tmp"])
    let snapshot = try engine.takeSnapshot()
    #expect(snapshot.warnings.count == 2)
    #expect(snapshot.warnings.allSatisfy { $0.contains("db.ckptfs-orders/chk-1") })
    let report = try await snapshot.materialize()
    #expect(report.warnings == snapshot.warnings)
    #expect(try bench.rows(report.number).count == 10)
    #expect(try bench("db.ckptfs-orders").names.sorted() == ["chk-x", "notes"])
  }

  @Test("an engine has its working directory for itself, and leaves none")
  func workingDirectory() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let work = try bench.scratch.directory("work")
    let options = EngineOptions(workingDirectory: work)
    do {
      let engine = try bench.engine(database, options)
      #expect(
        try bench.refusal { _ = try bench.engine(database, options) }.code == .store(.busy))
      _ = try await engine.takeSnapshot().materialize()
    }
    #expect(try work.names.isEmpty)
    let inside = EngineOptions(workingDirectory: bench("store"))
    #expect(try bench.refusal { _ = try bench.engine(database, inside) }.code == .invalid)
  }

  @Test("a database can be closed, and opened again, as soon as its snapshots have ended")
  func closing() async throws {
    let bench = try Bench()
    for round in 1...30 {
      let database = try bench.database("db")
      try database.fill(round..<round + 1)
      let engine = try bench.engine(database)
      try await engine.flushAhead()
      _ = try await engine.takeSnapshot().materialize()
      _ = try engine.takeSnapshot()
      await (try engine.takeSnapshot()).cancel()
    }
    #expect(try bench.numbers.count == 30)
  }

  @Test("a database that is open for reading only is refused: another process may write to it")
  func readOnly() throws {
    let bench = try Bench()
    let database = try Database(readOnly: bench.checkpoint())
    let error = try bench.refusal { _ = try bench.engine(database) }
    #expect(error.code == .invalid && error.message.contains("reading only"))
    #expect(try bench.scratch.path.names.filter { $0.contains(".ckptfs-") } == [])
  }

  @Test("a number is used once")
  func numbers() async throws {
    let bench = try Bench()
    let database = try bench.database("db")
    let engine = try bench.engine(database)
    let seven = try number(7)
    let snapshot = try engine.takeSnapshot(number: seven)
    #expect(
      try bench.refusal { _ = try engine.takeSnapshot(number: seven) }.code == .store(.busy))
    _ = try await snapshot.materialize()
    try database.fill(0..<10)
    #expect(
      try await refusal {
        _ = try await engine.takeSnapshot(number: seven).materialize()
      }.code == .exists)
    let next = try await engine.takeSnapshot().materialize()
    #expect(next.number.rawValue == 8)
    #expect(try bench.rows(seven).isEmpty && bench.rows(next.number).count == 10)

    // Somebody else commits to the history.
    try database.createCheckpoint(at: bench("other"), flush: .always)
    _ = try bench.store.commit(bench("other"), to: bench.orders)
    #expect(
      try await refusal { _ = try await engine.takeSnapshot().materialize() }.code == .exists)
    #expect(try await engine.takeSnapshot().materialize().number.rawValue == 10)
    try bench.expectNothingLocal()
  }

  @Test(
    "tables of one number and size with other bytes, of databases that were restored, stay apart")
  func repeatedNames() async throws {
    let bench = try Bench()
    let origin = try bench.checkpoint()
    for (index, letter) in (["a", "b"] as [Character]).enumerated() {
      try origin.copy(to: bench("\(letter)"))
      let database = try bench.database("\(letter)")
      try database.fill(5000..<6000, letter)
      let snapshot = try bench.engine(database).takeSnapshot()
      #expect(try await snapshot.materialize().number == number(Int64(index) + 1))
    }
    #expect(try bench.rows(number(1))[bytes("key-1005500")]?.first == UInt8(ascii: "a"))
    #expect(try bench.rows(number(2))[bytes("key-1005500")]?.first == UInt8(ascii: "b"))
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }

  @Test("external tables with equal unique ids and other bytes stay apart")
  func patchedTables() async throws {
    let bench = try Bench()
    var writer = try TableFileWriter(bench("external"))
    for key in 0..<500 { try writer.put(bytes("key-\(1_000_000 + key)"), bytes("external")) }
    try writer.finish()
    var digests: [[Digest]] = []
    for (index, name) in ["first", "second"].enumerated() {
      let database = try bench.database(name)
      // Rows that are older than the table make RocksDB write a sequence number into its copy.
      if index == 1 { try database.fill(0..<500) }
      try database.ingest([bench("external")], mode: .copy)
      let report = try await bench.engine(database).takeSnapshot().materialize()
      var shared: [Digest] = []
      try bench.store.forEachEntry(of: try bench.record(report)) { record in
        if record.entry.isShared, let content = record.entry.content {
          shared.append(content.digest)
        }
      }
      digests.append(shared)
    }
    #expect(digests[0].count == 1 && digests[1].count == 2)
    #expect(Set(digests[0]).isDisjoint(with: digests[1]))
    for index in 1...2 {
      let rows = try bench.rows(try number(Int64(index)))
      #expect(rows.count == 500 && rows.values.allSatisfy { $0 == bytes("external") })
    }
    #expect(try bench.store.check(readData: true, repair: false).isClean)
  }
}

/// How far a writer is, and whether it shall stop.
private final class Writer: Sendable {
  private let count = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)

  /// Rows that were written for certain.
  var written: Int { count.load(ordering: .acquiring) }
  var isDone: Bool { stopped.load(ordering: .acquiring) }

  func wrote(_ rows: Int) { count.store(rows, ordering: .releasing) }
  func stop() { stopped.store(true, ordering: .releasing) }
}
