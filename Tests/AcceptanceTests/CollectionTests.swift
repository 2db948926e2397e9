// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct CollectionTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Takes `count` checkpoints, each with tables of its own and tables of its neighbours.
  private func takeCheckpoints(_ count: Int) throws {
    let database = try bench.database("db", columnFamilies: ["compacted"])
    for round in 1...count {
      try database.fill(1000 * round..<1000 * round + 2000)
      try database.fill(0..<500, in: "compacted")
      try database.compact(database.columnFamily("compacted"))
      try database.createCheckpoint(at: bench("cp-\(round)"), flush: .always)
      try bench.commit("cp-\(round)", to: "orders")
    }
  }

  /// The bytes of all contents, and what the store takes on disk with the pages that tell where they are.
  private func stored() throws -> (bytes: Int, onDisk: Int) {
    let sums = try bench.shell(
      """
      cd $STORE/blobs; grep -rLa '^ckptfs page' . | xargs stat -c %s | awk '{ s += $1 } END { print s }'
      du -s --block-size=1 . | cut -f1
      """
    ).split(separator: "\n").compactMap { Int($0) }
    try #require(sums.count == 2)
    return (sums[0], sums[1])
  }

  private func listed(_ number: Int) throws -> HistoryList.Checkpoint {
    try #require(
      bench.checkpoints(of: "orders")
        .first { $0.number == number })
  }

  @Test("drop and gc free exactly the bytes that no other checkpoint has", arguments: [1, 2])
  func unshared(_ dropped: Int) throws {
    try takeCheckpoints(3)
    try bench.shell("rm -r $AT/cp-* $AT/db")
    let unique = try listed(dropped).uniqueBytes
    let names = try bench.entries("orders/chk-\(dropped)").filter { $0.references == 1 }
    #expect(names.reduce(0) { $0 + $1.size } == unique && unique > 0)
    let before = try stored()
    try bench.ckptfs("drop", "orders/chk-\(dropped)")
    #expect(try stored() == before)
    let collected = try bench.json(Collected.self, "gc")
    #expect(collected.removedBytes == unique)
    let after = try stored()
    #expect(before.bytes - after.bytes == unique)
    #expect(before.onDisk - after.onDisk >= unique, "the disk has got them back")
    #expect(try bench.statistics().blobBytes == after.bytes)
    #expect(try bench.json(Collected.self, "gc").removedBlobs == 0)
    #expect(try bench.check().clean)
  }

  @Test("what is committed shows in a live mount within a second, what is dropped goes as fast")
  func live() throws {
    let second = Duration.milliseconds(1250)  // and a quarter for a busy machine to ask in
    try takeCheckpoints(2)
    try bench.withMount { mount in
      let tables = try mount.shell("cd $MNT/orders; comm -12 <(ls chk-1) <(ls chk-2) | grep sst")
        .split(separator: "\n").map { String($0) }
      let table = try #require(tables.first)
      let kept = mount("orders/chk-2/\(table)")
      #expect(try kept.status.links == 2)
      #expect(try !mount("orders/chk-3").exists)
      #expect(try mount("orders").names == ["by-time", "chk-1", "chk-2", "latest", "tags"])

      try bench.commit("cp-2", to: "orders")
      let appeared = try time {
        try mount("orders/chk-3/\(table)").exists && mount("orders").names.contains("chk-3")
          && kept.status.links == 3 && mount.shell("readlink $MNT/orders/latest") == "chk-3"
      }
      #expect(try #require(appeared) < second)
      #expect(try mount("orders/chk-3/\(table)").status.inode == kept.status.inode)

      let only = try #require(
        bench.entries("orders/chk-1").first { $0.references == 1 && $0.path.text.hasSuffix("sst") })
      let content = try bench("cp-1").appending(only.path.text).read()
      let path = mount("orders/chk-1/\(only.path.text)")
      let open = try FileSystemCalls.open(path, .readOnly)
      try open.closeAfter {
        try bench.ckptfs("drop", "orders/chk-1")
        let disappeared = try time {
          try !mount("orders/chk-1").exists && !path.exists
            && !mount("orders").names.contains("chk-1") && kept.status.links == 2
        }
        #expect(try #require(disappeared) < second)
        #expect(try bench.json(Collected.self, "gc").removedBytes > content.count)
        #expect(try kept.status.links == 2)
        #expect(try mount("orders/by-time").names.count == 2)
        // What is open stays readable, also bytes that nobody had read before.
        #expect(try open.bytes(of: path) == content)
      }
      #expect(try mount.shell("diff -r $AT/cp-2 $MNT/orders/chk-2").isEmpty)
    }
    #expect(try bench.check().clean)
  }

  @Test("a new history, a new tag and a new name show in a live mount, too")
  func names() throws {
    try takeCheckpoints(1)
    try bench.withMount { mount in
      #expect(try mount.point.names == ["orders"])
      #expect(try mount("orders/tags").names.isEmpty)
      try bench.ckptfs("tag", "orders/chk-1", "good")
      #expect(try time { try mount("orders/tags/good/CURRENT").exists } != nil)
      try bench.ckptfs("untag", "orders/tags/good")
      #expect(try time { try !mount("orders/tags/good").exists } != nil)
      try bench.commit("cp-1", to: "sales")
      #expect(try time { try mount("sales/chk-1/CURRENT").exists } != nil)
      let inode = try mount("orders/chk-1").status.inode
      try bench.ckptfs("rename", "orders", "purchases")
      #expect(
        try time { try mount("purchases/chk-1").exists && !mount("orders").exists } != nil)
      #expect(try mount("purchases/chk-1").status.inode == inode)
      #expect(try time { try mount.point.names == ["purchases", "sales"] } != nil)
    }
  }

  @Test(
    "two processes commit to one store at once: all is there, once",
    arguments: [["a", "b"], ["a", "a"]])
  func twoProcesses(_ histories: [String]) throws {
    let database = try bench.database("db")
    for round in 1...8 {
      try database.fill(500 * round..<500 * round + 700)
      try database.createCheckpoint(at: bench("cp-\(round)"), flush: .always)
    }
    _ = consume database
    // Copies with inodes and times of their own, so that both have to read and store everything.
    try bench.shell("for n in 1 2 3 4 5 6 7 8; do cp -r $AT/cp-$n $AT/other-$n; done")
    let outcome = try bench.attempt(
      """
      all() { for n in 1 2 3 4 5 6 7 8; do ckptfs commit $AT/$1-$n --history $2 || return; done; }
      all cp \(histories[0]) & first=$!
      all other \(histories[1]) & second=$!
      wait $first && wait $second
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")

    let counts = try bench.json(HistoryList.self, "ls").histories.map { ($0.name, $0.checkpoints) }
    #expect(counts.reduce(0) { $0 + $1.1.count } == 16)
    for (name, checkpoints) in counts {
      #expect(checkpoints.map(\.number) == Array(1...checkpoints.count), "\(name)")
    }
    // Everything once: no content is stored that only the second process brought.
    _ = try bench.json(Collected.self, "gc")
    let digests = try bench.shell("cd $AT; sha256sum cp-*/* | cut -c-64 | sort -u")
      .split(separator: "\n").map(String.init)
    let blobs = try bench.shell(
      "cd $STORE/blobs; grep -rLa '^ckptfs page' . | sed 's,.*/,,; s/-[0-9]*$//' | sort"
    )
    .split(separator: "\n").map(String.init)
    #expect(blobs == digests)
    #expect(try bench.check().clean)
    try bench.withMount { mount in
      let shown = histories[0] == histories[1] ? "a" : "b"
      let tables = try mount.shell("ls -d $MNT/\(shown)/chk-* | wc -l")
      #expect(tables == (histories[0] == histories[1] ? "16" : "8"))
      try mount.shell("for c in $MNT/*/chk-*; do ldb --db=$c checkconsistency > /dev/null; done")
    }
  }
}

extension FileDescriptor {
  /// All its bytes, found to be all by a read beyond their end.
  func bytes(of path: FilePath) throws -> [UInt8] {
    let size = Int(try FileStatus(of: self, at: path).size)
    var bytes = [UInt8](repeating: 0, count: size + 4096)
    let count = try unsafe bytes.withUnsafeMutableBytes {
      try unsafe read(fromAbsoluteOffset: 0, into: $0)
    }
    return Array(bytes.prefix(count))
  }
}
