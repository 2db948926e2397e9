// SPDX-License-Identifier: Apache-2.0
import RocksDB
import Testing

@Suite struct DirectoryEntryTests {
  private static func number(_ value: UInt64) -> FileNumber { FileNumber(rawValue: value) }

  @Test(
    "a name is RocksDB's exactly when RocksDB writes it so",
    arguments: [
      ("000012.sst", .table(number(12))), ("000012.ldb", .table(number(12))),
      ("1234567.sst", .table(number(1_234_567))), ("000007.blob", .blob(number(7))),
      ("000039.log", .log(number(39))), ("MANIFEST-000005", .manifest(number(5))),
      ("OPTIONS-000007", .options(number(7))), ("CURRENT", .current), ("IDENTITY", .identity),
      ("LOCK", .lock), ("LOG", .infoLog), ("LOG.old.1700000000", .infoLog),
      ("LOG.old", .infoLog), ("OPTIONS-000007.dbtmp", .temporary), ("000003.dbtmp", .temporary),
      ("12.sst", .foreign), ("0000012.sst", .foreign), ("000012.SST", .foreign),
      ("000012.sst.bak", .foreign), ("00001a.sst", .foreign), ("-00012.sst", .foreign),
      ("MANIFEST-", .foreign), ("MANIFEST-5", .foreign), ("OPTIONS-+00007", .foreign),
      ("LOG.old.", .foreign), ("LOG.old.x", .foreign), ("rocksdict-config.json", .foreign),
      (".checkpoint", .foreign), ("99999999999999999999.sst", .foreign), ("", .foreign),
      ("٠٠٠٠١٢.sst", .foreign),
    ] as [(String, DirectoryEntry)])
  func classification(name: String, entry: DirectoryEntry) {
    #expect(DirectoryEntry(name) == entry)
  }

  @Test("a number is written as RocksDB writes it in names")
  func names() {
    #expect(Self.number(12).tableName == "000012.sst")
    #expect(Self.number(12_345_678).blobName == "12345678.blob")
    #expect(Self.number(0).logName == "000000.log")
  }
}
