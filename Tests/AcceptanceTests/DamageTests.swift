// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct DamageTests {
  /// What can happen to a blob, as a line of shell, and what `fsck` calls it.
  enum Damage: String, CaseIterable {
    case deleted = "rm $BLOB"
    case truncated = "truncate -s -1 $BLOB"
    case touched = "touch $BLOB"
    case exchanged = "head -c $(stat -c %s $BLOB) /dev/urandom > $AT/other; mv $AT/other $BLOB"
    case directory = "rm $BLOB; mkdir $BLOB"
    case linked = "rm $BLOB; ln -s /etc/passwd $BLOB"
    case pipe = "rm $BLOB; mkfifo $BLOB"

    var kinds: Set<String> {
      switch self {
      case .deleted: ["missing-blob"]
      case .truncated, .touched, .exchanged: ["changed-blob"]
      case .directory, .linked, .pipe: ["missing-blob", "changed-blob", "corrupt-blob"]
      }
    }
  }

  @Test(
    "a damaged blob hurts the files that need it and nothing else, and is told once each",
    arguments: ["passthrough=auto", "passthrough=off"])
  func underMount(options: String) throws {
    let bench = try Self.bench(tables: 8)
    let tables = try bench.entries("orders/chk-1").filter { $0.path.text.hasSuffix(".sst") }
    try #require(tables.count > Damage.allCases.count)

    let mount = try WatchedMount(bench, options: options)
    // All of it is in the kernel's cache by now, names and bytes.
    try bench.shell("diff -r $AT/cp \(mount("orders/chk-1"))")
    let damaged = Array(zip(Damage.allCases, tables))
    for (damage, table) in damaged {
      try bench.shell(
        "BLOB=$(find $STORE/blobs -name '\(table.digest)-*'); \(damage.rawValue)")
    }
    let hurt = damaged.map { (how: "\($0.0)", table: $0.1) }
    try expectHurt(hurt, bench, mount)
    let check = try bench.check(readData: false, endingWith: 2)
    #expect(!check.clean)
    for (damage, table) in damaged {
      expectTold(of: table, by: check, as: damage.kinds, "\(damage)")
    }

    // Rot has the size and the time that were recorded: whoever reads it knows, and from then on nobody is shown it.
    let rotten = tables[Damage.allCases.count]
    try bench.shell(
      """
      BLOB=$(find $STORE/blobs -name '\(rotten.digest)-*'); touch -r $BLOB $AT/time
      printf rotten | dd of=$BLOB conv=notrunc seek=100 bs=1 status=none; touch -r $AT/time $BLOB
      """)
    let reading = try bench.check(endingWith: 2)
    expectTold(of: rotten, by: reading, as: ["corrupt-blob"], "rotten")
    try bench.shell(
      "timeout 10 bash -c 'while cat \(mount("orders/chk-1/\(rotten.path.text)")); do :; done' &>/dev/null"
    )
    try expectHurt(hurt + [(how: "rotten", table: rotten)], bench, mount)
    withExtendedLifetime(mount) {}
  }

  /// A history `orders` of two checkpoints of the same files.
  private static func bench(tables: Int) throws -> Workbench {
    let bench = try Workbench()
    let database = try bench.database("db")
    for round in 0..<tables {
      try database.fill(1000 * round..<1000 * round + 800)
      try database.flush()
    }
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    for _ in 1...2 { try bench.commit("cp", to: "orders", "--ingest", "copy") }
    return bench
  }

  /// Who reads these files of the mount is told EIO, and the log says so once; all others are as they were.
  private func expectHurt(
    _ hurt: [(how: String, table: ListedEntry)], _ bench: Workbench, _ mount: WatchedMount
  ) throws {
    for _ in 1...2 {
      for (how, table) in hurt {
        for checkpoint in ["chk-1", "chk-2"] {
          let path = mount("orders/\(checkpoint)/\(table.path.text)")
          let read = try bench.attempt("cat \(path)")
          #expect(read.status == 1 && read.errors.contains("Input/output error"), "\(how)")
          #expect(try path.status.links == 2)
        }
      }
    }
    let bad = hurt.map { "-x \($0.table.path.text)" }.joined(separator: " ")
    for checkpoint in ["chk-1", "chk-2"] {
      try bench.shell("diff -r \(bad) $AT/cp \(mount("orders"))/\(checkpoint)")
    }
    let faults = try mount.faults()
    #expect(faults.count == hurt.count)
    for (how, table) in hurt {
      let lines = faults.filter { $0.contains(table.digest) }
      #expect(lines.count == 1, "\(how)")
      #expect(
        lines.allSatisfy { $0.contains("orders/chk-1") && $0.contains("orders/chk-2") },
        "\(how): \(lines)")
    }
  }

  private func expectTold(
    of table: ListedEntry, by check: CheckAnswer, as kinds: Set<String>, _ how: String
  ) {
    let problems = check.problems.filter { $0.path.contains(table.digest) }
    #expect(!problems.isEmpty && problems.allSatisfy { kinds.contains($0.kind) }, "\(problems)")
    #expect(
      problems.contains { Set($0.checkpoints) == ["orders/chk-1", "orders/chk-2"] }, "\(how)")
  }

  @Test("a touched blob with the right bytes is readable again after fsck --repair")
  func repaired() throws {
    let bench = try Workbench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    try bench.commit("cp", to: "orders", "--ingest", "copy")
    try bench.withMount { mount in
      try bench.shell("find $STORE/blobs -type f -size +10k -exec touch {} +")
      #expect(try mount.attempt("cat $MNT/orders/chk-1/*.sst").status == 1)
      _ = try bench.json(CheckAnswer.self, "fsck", "--repair")
      #expect(try mount.shell("diff -r $AT/cp $MNT/orders/chk-1").isEmpty)
      #expect(try bench.check().clean)
    }
  }

  @Test(
    "who opens a file after its rotten blob was replaced reads the right bytes, whoever still has the rotten one open",
    arguments: ["passthrough=off", "passthrough=auto"])
  func replaced(options: String) throws {
    let bench = try Workbench()
    let database = try bench.database("db")
    try database.fill(0..<1000)
    try database.createCheckpoint(at: bench("cp"), flush: .always)
    try bench.shell("head -c 5000 /dev/urandom > $AT/cp/small.sst")
    for _ in 1...2 { try bench.commit("cp", to: "orders", "--ingest", "copy", "--unchecked") }
    try bench.withMount(options: options) { mount in
      _ = try mount.shell(
        """
        tables() { (cd $AT/cp; ls *.sst); }
        mkdir $AT/times; for table in $(tables); do
          blob=$(echo $STORE/blobs/*/$(sha256sum < $AT/cp/$table | cut -c-64)-*)
          touch -r $blob $AT/times/$table
          printf rotten | dd of=$blob conv=notrunc seek=100 bs=1 status=none; touch -r $AT/times/$table $blob
        done
        cd $MNT/orders/chk-1
        for table in $(tables); do
          ! cmp -s $table $AT/cp/$table; exec {held}<$table; open+=($held)
        done
        ckptfs fsck --read-data >/dev/null && exit 1
        timeout 10 bash -c 'until ! cat *.sst; do :; done >/dev/null 2>&1'
        ckptfs commit $AT/cp --history orders --unchecked --ingest copy >/dev/null
        for table in $(tables); do
          timeout 10 bash -c "until cat $table; do :; done >/dev/null 2>&1"
          for checkpoint in chk-1 chk-2; do cmp $MNT/orders/$checkpoint/$table $AT/cp/$table; done
        done
        # The pages are the same for all.
        cmp <(cat <&${open[-1]}) $AT/cp/small.sst
        """)
    }
  }
}
