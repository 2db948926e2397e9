// SPDX-License-Identifier: Apache-2.0
import Foundation
import RocksDB
import SystemPackage
import Testing

/// The description against what RocksDB itself says of real databases.
@Suite struct DescribeTests {
  /// Level, number and size of every table by `ldb manifest_dump`, and its closing numbers.
  struct Dump: Equatable {
    var tables: Set<[UInt64]> = []
    var families: [String] = []
    var lastSequence: UInt64?
    var minimumLogNumber: UInt64?

    init(of manifest: FilePath) throws {
      let ldb = try #require(Tool.ldb)
      let (status, output) = try ldb.run(["manifest_dump", "--path=\(manifest)"])
      try #require(status == 0, "\(output)")
      var level: UInt64 = 0
      for line in output.split(separator: "\n") {
        if let match = line.firstMatch(of: #/^--- level (\d+) ---/#) {
          level = try #require(UInt64(match.1))
        } else if let match = line.firstMatch(of: #/^ (\d+):(\d+)\[/#) {
          tables.insert([level, try #require(UInt64(match.1)), try #require(UInt64(match.2))])
        } else if let match = line.firstMatch(of: #/^-+ Column family "(.*)"/#) {
          families.append(String(match.1))
        } else if let match = line.firstMatch(of: #/last_sequence (\d+) .*keep (\d+)/#) {
          lastSequence = UInt64(match.1)
          minimumLogNumber = UInt64(match.2)
        }
      }
    }

    init(_ description: DatabaseDescription) {
      tables = Set(description.tables.map { [UInt64($0.level), $0.number.rawValue, $0.size] })
      families = description.columnFamilies.map(\.name)
      lastSequence = description.lastSequence
      minimumLogNumber = description.minimumLogNumber.rawValue
    }
  }

  private func expectAgreement(_ directory: FilePath) throws -> DatabaseDescription {
    let description = try DatabaseDirectory.describe(directory)
    #expect(try Dump(of: directory.appending(description.manifestName)) == Dump(description))
    let sizes = try sizes(in: directory)
    #expect(description.missingFiles { sizes[$0] } == [])
    #expect(!description.tailIsTruncated)
    return description
  }

  private func fill(
    _ database: Database, _ range: Range<Int>, in family: ColumnFamily? = nil, length: Int = 100
  ) throws {
    for index in range {
      let value = [UInt8](repeating: UInt8(index & 0xFF), count: length)
      try database.put(bytes("key-\(100_000 + index)"), value, in: family)
    }
  }

  @Test(
    "column families, dropped ones, levels and a log tail are as ldb says, after every reopening",
    .enabled(if: Tool.ldb != nil, "ldb of the package rocksdb-tools is not installed"))
  func families() throws {
    let scratch = try ScratchDirectory()
    for round in 0..<3 {
      do {
        let database = try Database(scratch("db"), columnFamilies: ["one", "two"])
        let dropped = try database.createColumnFamily("dropped-\(round)")
        for family in database.columnFamilies { try fill(database, 0..<500, in: family) }
        try database.flush()
        try fill(database, 200..<700)
        try database.flush()
        try database.compact(database.columnFamily("one"))
        try database.drop(dropped)
        try fill(database, 700..<800, in: database.columnFamily("two"))

        let live = database.liveTables()
        let description = try expectAgreement(scratch("db"))
        #expect(Set(live.map(\.name)) == Set(description.tables.map(\.name)))
        let names = Dictionary(
          uniqueKeysWithValues: description.columnFamilies.map { ($0.id, $0.name) })
        for table in description.tables {
          let same = try #require(live.first { $0.name == table.name })
          #expect(names[table.columnFamily] == same.columnFamily)
          #expect(same.level == table.level && same.size == table.size)
        }
        try database.createCheckpoint(at: scratch("cp-\(round)"), flush: .never)
      }
      _ = try expectAgreement(scratch("db"))
      let checkpoint = try expectAgreement(scratch("cp-\(round)"))
      #expect(checkpoint.columnFamilies.map(\.name) == ["default", "one", "two"])
      #expect(checkpoint.manifestValidLength == checkpoint.manifestSize)
    }
  }

  @Test("the live blob files are exactly those that RocksDB leaves in the directory")
  func blobs() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.minimumBlobSize = 100
    options.disableAutoCompactions = true
    options.compression = .none
    for round in 0..<4 {
      do {
        let database = try Database(scratch("db"), columnFamilies: ["one"], options: options)
        try fill(database, 0..<300, length: 500)
        try fill(database, 0..<100, in: database.columnFamily("one"), length: 1000)
        try database.flush()
        try fill(database, 0..<100 * round, length: 700)
        try database.flush()
        if round % 2 == 1 { try database.compact() }
        try database.createCheckpoint(at: scratch("cp-\(round)"), flush: .always)
      }
      let sizes = try sizes(in: scratch("cp-\(round)"))
      let description = try DatabaseDirectory.describe(scratch("cp-\(round)"))
      #expect(description.missingFiles { sizes[$0] } == [])
      #expect(description.blobs.map(\.name) == sizes.keys.filter { $0.hasSuffix(".blob") }.sorted())
      #expect(description.blobs.map(\.sizeOnDisk) == description.blobs.map { sizes[$0.name] })
      #expect(description.blobs.count >= 2)
    }
  }

  @Test("a blob file of deleted keys only is live no more")
  func garbage() throws {
    let scratch = try ScratchDirectory()
    var options = DatabaseOptions()
    options.minimumBlobSize = 100
    let database = try Database(scratch("db"), options: options)
    try fill(database, 0..<100, length: 500)
    try database.flush()
    let first = try DatabaseDirectory.describe(scratch("db")).blobs
    #expect(first.count == 1)
    try fill(database, 0..<100, length: 600)
    try database.flush()
    #expect(try DatabaseDirectory.describe(scratch("db")).blobs.count == 2)
    try database.compact()
    let last = try DatabaseDirectory.describe(scratch("db")).blobs
    #expect(last.count == 1)
    #expect(last != first)
  }

  @Test("closed logs are tracked with their size when the database asks for it")
  func trackedLogs() throws {
    let scratch = try ScratchDirectory()
    let checkpoint = try TrackedDatabase.checkpoint(in: scratch)
    let description = try DatabaseDirectory.describe(checkpoint)
    let sizes = try sizes(in: checkpoint)
    let log = try #require(description.logs.first)
    #expect(log.syncedSize == sizes[log.name])
    #expect(log.number >= description.minimumLogNumber)
    #expect(description.missingFiles { sizes[$0] } == [])
  }

  @Test(
    "a database of db_bench is as ldb says",
    .enabled(
      if: Tool.ldb != nil && Tool.dbBench != nil,
      "ldb and db_bench of the package rocksdb-tools are not installed"))
  func dbBench() throws {
    let scratch = try ScratchDirectory()
    let (status, output) = try #require(Tool.dbBench).run([
      "--benchmarks=fillrandom,overwrite", "--db=\(scratch("db"))", "--num=20000",
      "--value_size=100", "--write_buffer_size=262144", "--target_file_size_base=262144",
      "--num_column_families=2", "--compression_type=none", "--enable_blob_files=1",
      "--min_blob_size=90", "--seed=1",
    ])
    try #require(status == 0, "\(output)")
    let description = try expectAgreement(scratch("db"))
    #expect(description.tables.count > 2)
    #expect(!description.blobs.isEmpty)
  }

  @Test("a MANIFEST that was rotated many times describes the same tables")
  func reopened() throws {
    let scratch = try ScratchDirectory()
    do {
      let database = try Database(scratch("db"))
      try fill(database, 0..<100)
      try database.flush()
    }
    let first = try DatabaseDirectory.describe(scratch("db"))
    for _ in 0..<5 { _ = try Database(scratch("db")) }
    let last = try DatabaseDirectory.describe(scratch("db"))
    #expect(last.tables == first.tables)
    #expect(last.manifest > first.manifest)
    #expect(last.databaseID == first.databaseID)
  }
}
