// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// What the kernel remembers of a mount, and that it is told in time.
@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct FollowingTests {
  /// And a quarter for a busy machine to ask in.
  private static let second = Duration.milliseconds(1250)

  private let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.shell(
      """
      mkdir $AT/cp; cd $AT/cp; echo MANIFEST-000005 > CURRENT; echo 1 > MANIFEST-000005
      for n in $(seq 10 59); do echo table $n > 0000$n.sst; done
      """)
    try commit(1)
    try commit(2)
  }

  private func commit(_ number: Int) throws {
    try bench.commit("cp", to: "orders", "--unchecked", "--number", "\(number)")
  }

  /// How often the process of a mount was asked something, nearly: how often it has read.
  private func requests(_ mount: Mount) throws -> Int {
    let count = try mount.shell(
      """
      sed -n 's/syscr: //p' /proc/$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' $MNT/.ckptfs/status.json)/io
      """)
    return try #require(Int(count))
  }

  @Test("A tree that was listed is listed again without a question to the process of the mount")
  func cached() throws {
    try bench.withMount { mount in
      let list =
        "cd $MNT; find . | sort | sha256sum; ls -lR . | sha256sum; stat -c %h orders/*/*.sst | sha256sum"
      let first = try mount.shell(list)
      #expect(try mount.shell(list) == first)
      let before = try requests(mount)
      #expect(try mount.shell(list) == first)
      // Opening and reading the status file, the root's attributes, and what the watch reads.
      let count = try requests(mount) - before
      #expect(count < 25, "\(count)")
    }
  }

  @Test(
    "What was read is not read again when another checkpoint completes, also where the kernel asks for every byte"
  )
  func pages() throws {
    try bench.shell("head -c 8000000 /dev/urandom > $AT/cp/000060.sst")
    try commit(3)
    try bench.withMount(options: "passthrough=off") { mount in
      func readAll() throws { try mount.shell("cat $MNT/orders/chk-3/* > $AT/read") }
      try readAll()
      try commit(4)
      try #require(try time { try mount("orders/chk-4").exists } != nil)
      let before = try Metrics(mount)
      try readAll()
      let after = try Metrics(mount)
      let served = "ckptfs_read_bytes_total"
      // The metrics themselves are served, too.
      #expect(after[served] - before[served] < 500_000)
      #expect(before[served] > 8_000_000)
    }
  }

  @Test(
    "A change shows within a second in what the kernel remembers, whoever remembers it how",
    arguments: ["passthrough=auto", "passthrough=off"])
  func changes(options: String) throws {
    try bench.withMount(options: options) { mount in
      let history = mount("orders")
      let directory = try FileDescriptor.open(history, .readOnly, options: .directory)
      defer { try? directory.close() }
      let held = FilePath(
        "/proc/\(ProcessInfo.processInfo.processIdentifier)/fd/\(directory.rawValue)/.")
      let table = try FileDescriptor.open(mount("orders/chk-1/000010.sst"), .readOnly)
      defer { try? table.close() }

      func links() throws -> [UInt32] {
        try [mount("orders/chk-1/000010.sst"), mount("orders/chk-2/000010.sst")].map {
          try $0.status.links
        } + [FileStatus(of: table, at: "table").links]
      }
      func shows(_ names: [String], links expected: UInt32, latest: String) throws -> Bool {
        try history.names == names && held.names == names
          && links() == [expected, expected, expected]
          && FileManager.default.destinationOfSymbolicLink(atPath: mount("orders/latest").string)
            == latest
          && mount.shell("ls -l $MNT/orders/chk-2").contains("-rw-r--r-- \(expected) ")
      }
      let two = ["by-time", "chk-1", "chk-2", "latest", "tags"]
      let three = ["by-time", "chk-1", "chk-10", "chk-2", "latest", "tags"]
      #expect(try !mount("orders/chk-10").exists)
      #expect(try shows(two, links: 2, latest: "chk-2"))

      // Whose name, and so the target of `latest`, is longer.
      try commit(10)
      let appeared = try #require(
        try time { try mount("orders/chk-10").exists && shows(three, links: 3, latest: "chk-10") })
      #expect(appeared < Self.second)

      try bench.ckptfs("tag", "orders/chk-10", "good")
      let tagged = try #require(
        try time { try mount("orders/tags").names == ["good"] && mount("orders/tags/good").exists })
      #expect(tagged < Self.second)

      try bench.ckptfs("drop", "orders/chk-1")
      let dropped = try #require(
        try time {
          try !mount("orders/chk-1").exists && history.names == held.names
            && FileStatus(of: table, at: "table").links == 2
            && mount("orders/chk-2/000010.sst").status.links == 2
            && mount("orders/by-time").names.count == 2
        })
      #expect(dropped < Self.second)

      #expect(try !mount("sales").exists && mount.point.names == ["orders"])
      try bench.ckptfs("rename", "orders", "sales")
      let renamed = try #require(
        try time {
          try mount.point.names == ["sales"] && mount("sales/chk-2").exists
            && !mount("orders").exists
        })
      #expect(renamed < Self.second)
    }
  }

  @Test(
    "Where a store was put back from an older copy, another content under an old number is never the old one"
  )
  func putBack() throws {
    try bench.withMount { mount in
      let said = try mount.shell(
        """
        cd $AT; cp -a $STORE backup
        ckptfs commit cp --history orders --number 3 --unchecked >&2
        until exec {held}<$MNT/orders/chk-3/CURRENT; do :; done 2>/dev/null
        cat $MNT/orders/chk-3/CURRENT
        rm -r $STORE/catalog.sqlite* $STORE/manifests; cp -a backup/catalog.sqlite* backup/changes backup/manifests $STORE
        timeout 10 bash -c "while test -e $MNT/orders/chk-3; do :; done"
        echo MANIFEST-000006 > cp/CURRENT; ckptfs commit cp --history orders --number 3 --unchecked >&2
        timeout 10 bash -c "until test -e $MNT/orders/chk-3; do :; done"
        cat $MNT/orders/chk-3/CURRENT
        """)
      #expect(said == "MANIFEST-000005\nMANIFEST-000006")
    }
  }

  @Test("Who opens more files than the process may have is refused, and takes nothing from others")
  func manyFiles() throws {
    let said = try bench.shell(
      """
      cd $AT; mkdir mnt; (ulimit -n 256; ckptfs mount $STORE mnt >&2); trap "fusermount3 -uz mnt" EXIT
      (
        for n in $(seq 400); do { exec {fd}<mnt/orders/chk-1/CURRENT; } 2>error || break; done
        echo $n; cat error; ls mnt/orders; head -n 1 mnt/.ckptfs/status.json
      )
      timeout 10 bash -c "until cat mnt/orders/chk-2/CURRENT; do :; done" 2>/dev/null
      """)
    let opened = try #require(Int(said.prefix { $0.isNumber }))
    #expect((100..<256).contains(opened))
    #expect(said.contains("Too many open files in system"), "\(said)")
    #expect(said.contains("chk-2\nlatest\ntags\n{\nMANIFEST-000005"), "\(said)")
  }

  @Test("A mount that nobody uses takes no time of the processor to speak of")
  func idle() throws {
    try bench.withMount { mount in
      let ticks = try mount.shell(
        """
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' $MNT/.ckptfs/status.json)
        cut -d' ' -f14,15 /proc/$pid/stat; read -t 3 <> <(:) || true; cut -d' ' -f14,15 /proc/$pid/stat
        """
      ).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
      try #require(ticks.count == 4)
      #expect(ticks[2] + ticks[3] - ticks[0] - ticks[1] <= 2, "in hundredths of a second, of three")
    }
  }
}
