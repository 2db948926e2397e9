// SPDX-License-Identifier: Apache-2.0

import Glibc
import RocksDB
import SystemPackage
import TestSupport
import Testing

extension MountedCheckpointTests {
  @Test(
    "ldb reads of a mounted checkpoint what it read of the directory that was committed",
    .enabled(if: Tool.exists("ldb"), "there is no ldb"),
    arguments: Array(zip(1...3, Gallery.checkpoints)))
  func scans(_ number: Int, _ name: String) throws {
    for family in Gallery.families {
      let scan = try mount.shell(
        "ldb --db=$MNT/orders/chk-\(number) --column_family=\(family) scan --hex")
      let expected = try #require(gallery.scans[name]?[family])
      #expect(scan == expected, "column family \(family)")
      #expect(scan.split(separator: "\n").count == gallery.rows[name]?[family]?.count)
    }
    #expect(try mount.shell("ldb --db=$MNT/orders/chk-\(number) checkconsistency") == "OK")
  }

  @Test(
    "a checkpoint is opened for reading right from the mount, with its column families, blobs and log",
    arguments: Array(zip(1...3, Gallery.checkpoints)))
  func opens(_ number: Int, _ name: String) throws {
    let database = try Database(readOnly: mount("orders/chk-\(number)"))
    #expect(Set(database.columnFamilies.map(\.name)) == Set(Gallery.families))
    for family in Gallery.families {
      #expect(try database.rows(of: family) == gallery.rows[name]?[family], "\(family)")
    }
  }

  @Test(
    "db_bench reads and verifies a mounted checkpoint",
    .enabled(if: Tool.exists("db_bench", "ldb"), "there is no db_bench"),
    arguments: ["", "--mmap_read=1", "--use_direct_reads=1"])
  func benchmark(_ option: String) throws {
    let output = try mount.shell(
      """
      db_bench --db=$MNT/bench/latest --use_existing_db=1 --readonly=1 --num=20000 --reads=5000 \
        --benchmarks=readrandom,readseq,verifychecksum \(option) 2>&1
      """)
    let found = output.firstMatch(of: /readrandom.*\((\d+) of 5000 found\)/)
    #expect(try #require(found.flatMap { Int($0.1) }, "\(output)") > 2500)
    #expect(output.contains("readseq") && output.contains("verifychecksum"))
  }

  @Test("mapped and direct reads give the bytes that were committed")
  func bytes() throws {
    for (number, name) in zip(1...3, Gallery.checkpoints) {
      for file in try mount("orders/chk-\(number)").names {
        let path = mount("orders/chk-\(number)/\(file)")
        let source = try bench("\(name)/\(file)").read()
        #expect(try mapped(path) == source, "\(path)")
        let digest = try mount.shell(
          "dd if=\(path) iflag=direct bs=64k status=none | sha256sum; sha256sum < \(bench(name))/\(file)"
        ).split(separator: "\n")
        #expect(digest.count == 2 && digest[0] == digest[1], "\(path)")
      }
    }
  }

  private func mapped(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      let count = Int(try file.seek(offset: 0, from: .end))
      guard count > 0 else { return [] }
      let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, file.rawValue, 0)
      try #require(unsafe address != MAP_FAILED)
      defer { unsafe munmap(address, count) }
      return unsafe Array(UnsafeRawBufferPointer(start: address, count: count))
    }
  }
}
