// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct IdentityTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test("a checkpoint opened for writing twice gives the same names to other tables: both are kept")
  func repeatedNames() throws {
    let database = try bench.database("db")
    try database.fill(0..<2000)
    try database.createCheckpoint(at: bench("origin"), flush: .always)
    for (copy, letter) in [("a", "x"), ("b", "y")] as [(String, Character)] {
      try bench.shell("cp -a $AT/origin $AT/\(copy)")
      let database = try bench.database(copy)
      try database.fill(3000..<5000, letter)
      try database.createCheckpoint(at: bench("\(copy)-cp"), flush: .always)
      try bench.commit("\(copy)-cp", to: "orders")
    }
    let alike = try bench.shell(
      """
      cd $AT; for f in a-cp/*.sst; do g=b-cp/${f#a-cp/}
        [ -e $g ] && [ $(stat -c %s $f) = $(stat -c %s $g) ] && ! cmp -s $f $g && echo $f || true
      done
      """)
    #expect(!alike.isEmpty, "the trap that this test is about must be there")
    try bench.withMount { mount in
      #expect(
        try mount.shell("diff -r $AT/a-cp $MNT/orders/chk-1; diff -r $AT/b-cp $MNT/orders/chk-2")
          .isEmpty)
      for (number, letter) in [(1, "x"), (2, "y")] as [(Int, Character)] {
        let rows = try Database(readOnly: mount("orders/chk-\(number)")).rows(of: "default")
        #expect(rows.count == 4000)
        #expect(rows[Array("key-1004000".utf8)] == Array(repeating: letter.asciiValue!, count: 100))
      }
    }
    #expect(try bench.check().clean)
  }

  @Test("a file with the inode, size and time of one committed before is read all the same")
  func reusedInode() throws {
    try bench.shell(
      """
      mkdir $AT/files $AT/next; cd $AT
      head -c 100000 /dev/urandom > files/000007.sst
      touch -d '1 hour ago' files/000007.sst
      head -c 100000 /dev/urandom > next/000007.sst
      touch -r files/000007.sst next/000007.sst
      tar -C next -cf next.tar 000007.sst
      """)
    try bench.commit("files", to: "orders", "--unchecked", "--ingest", "copy")
    // File systems that give a freed inode to the next file do so here, at once or soon.
    let same = try bench.shell(
      """
      cd $AT/files; was=$(stat -c '%i %s %y' 000007.sst)
      for n in $(seq 100); do
        rm 000007.sst; tar -xf ../next.tar
        [ "$was" != "$(stat -c '%i %s %y' 000007.sst)" ] || break
      done
      stat -c '%s %Y' 000007.sst; echo "${was#* }" | cut -d' ' -f1
      """
    ).split(separator: "\n")
    #expect(same.count == 2 && same.first?.split(separator: " ").first == same.last)
    let again = try bench.commit("files", to: "orders", "--unchecked", "--ingest", "copy")
    #expect(again.newFiles == 1 && again.newBytes == 100_000)
    try bench.withMount { mount in
      #expect(try mount.shell("cmp $AT/next/000007.sst $MNT/orders/chk-2/000007.sst").isEmpty)
      let differ = try mount.attempt("cmp -s $MNT/orders/chk-[12]/000007.sst")
      #expect(differ.status == 1)
    }
  }

  @Test("a table that RocksDB patched after it was linked is refused, told once, and kept anew")
  func patchedInPlace() throws {
    var writer = try TableFileWriter(bench("external.sst"))
    for key in 0..<500 {
      try writer.put(Array("key-\(1_000_000 + key)".utf8), Array("external".utf8))
    }
    try writer.finish()
    try bench.shell("ln $AT/external.sst $AT/moved.sst")
    // Nothing in the first database is older than the table, which stays as it is.
    let first = try bench.database("first")
    try first.ingest([bench("external.sst")], mode: .move)
    try first.put(Array("zzz".utf8), Array("later".utf8))
    try first.createCheckpoint(at: bench("first-cp"), flush: .always)
    try bench.commit("first-cp", to: "first", "--ingest", "link")
    // The second one's rows are older, and the table must say so in its own bytes.
    let second = try bench.database("second")
    try second.fill(0..<500)
    try second.ingest([bench("moved.sst")], mode: .move)
    try second.createCheckpoint(at: bench("second-cp"), flush: .always)
    try bench.commit("second-cp", to: "second")

    // The one table of the first database that is more than a database's and its checkpoint's.
    let table = try bench.shell("cd $AT/first-cp; find . -name '*.sst' -links +3 -printf '%f\\n'")
    let entry = try #require(bench.entries("first/chk-1").first { $0.path.text == table })
    let mount = try WatchedMount(bench)
    for _ in 1...3 {
      let read = try bench.attempt("cat \(mount("first/chk-1/\(table)"))")
      #expect(read.status == 1 && read.errors.contains("Input/output error"))
    }
    let faults = try mount.faults()
    #expect(faults.count == 1)
    #expect(faults.allSatisfy { $0.contains(entry.digest) && $0.contains("first/chk-1") })
    // All others are as good as ever, the second database among them.
    try bench.shell(
      """
      cd $AT/first-cp; for f in *; do [ $f = \(table) ] || cmp $f \(mount("first/chk-1"))/$f; done
      diff -r $AT/second-cp \(mount("second/chk-1"))
      """)
    let rows = try Database(readOnly: mount("second/chk-1")).rows(of: "default")
    #expect(rows.count == 500 && rows.values.allSatisfy { $0 == Array("external".utf8) })
    for readData in [false, true] {
      let check = try bench.check(readData: readData, endingWith: 2)
      let problem = try #require(check.problems.first)
      #expect(check.problems.count == 1)
      #expect(problem.path.contains(entry.digest))
      #expect(problem.checkpoints == ["first/chk-1"])
    }
    withExtendedLifetime(mount) {}
  }

  @Test("a snapshot of a closed database changes nothing in its directory")
  func closedDatabase() throws {
    do {
      let database = try bench.database("db", columnFamilies: ["orders"])
      try database.fill(0..<3000)
      try database.fill(0..<50, "b", length: 5000, in: "orders")
      try database.flush()
      try database.fill(3000..<3100)
    }
    let look = """
      cd $AT/db; find . -printf '%P %i %n %s %m %U %G %t %c\\n' | sort; sha256sum * | sort
      """
    let before = try bench.shell(look)
    let report = try bench.json(
      Committed.self, "snapshot", "--db", bench("db").string, "--history", "orders")
    #expect(try bench.shell(look) == before)
    #expect(report.newFiles == report.files && report.number == 1)
    let again = try bench.json(
      Committed.self, "snapshot", "--db", bench("db").string, "--history", "orders")
    #expect(again.newBytes == 0 && again.keptFiles == again.files)
    #expect(try bench.shell(look) == before)
    try bench.withMount { mount in
      for family in ["default", "orders"] where Tool.exists("ldb") {
        try mount.shell(
          "diff <(ldb --db=$MNT/orders/chk-1 --column_family=\(family) scan --hex) "
            + "<(ldb --db=$MNT/orders/latest --column_family=\(family) scan --hex)")
      }
      let database = try Database(readOnly: mount("orders/chk-1"))
      #expect(try database.rows(of: "default").count == 3100)
      #expect(try database.rows(of: "orders").count == 50)
      let names = try mount("orders/chk-1").names
      #expect(!names.contains("LOCK") && names.contains("IDENTITY"))
    }
    // And the owner goes on as if nothing had been.
    let database = try bench.database("db")
    try database.fill(0..<3000, "n")
    try database.flush()
    try database.compact()
    #expect(try bench.check().clean)
  }
}
