// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

extension MountedCheckpointTests {
  enum Copier: String, CaseIterable, CustomTestStringConvertible {
    case copy = "cp -a $MNT/orders $OUT/orders"
    case archive =
      "tar -C $MNT --format=posix -cf $OUT/all.tar orders; tar -C $OUT -xf $OUT/all.tar"
    case synchronize = "rsync -aH $MNT/orders $OUT/"

    var testDescription: String { String(rawValue.prefix { $0 != " " }) }
    var isPresent: Bool { Tool.exists(testDescription) }
  }

  @Test(
    "what cp, tar and rsync copy has the same contents, links and times, for any user",
    .enabled(if: Tool.exists("rsync"), "there is no rsync"), arguments: Copier.allCases,
    User.canChange ? User.allCases : [.tester])
  func copies(_ copier: Copier, _ user: User) throws {
    try withCopy(copier, user) { out throws in
      let listing = "-printf '%P %y %s %n %m %t %l\\n' | sort"
      let differences = try mount.shell(
        """
        diff -r --no-dereference $MNT/orders $OUT/orders
        diff <(find $MNT/orders -type f \(listing)) <(find $OUT/orders -type f \(listing))
        diff <(find $MNT/orders -type l -printf '%P %l\\n' | sort) \
          <(find $OUT/orders -type l -printf '%P %l\\n' | sort)
        """, as: user, ["OUT": out])
      #expect(differences.isEmpty)
      // Not only the same counts, but the same files: a table's inode in one is that in the other.
      let shared = try mount.shell(
        "cd $OUT/orders; for f in chk-1/*.sst; do n=${f#chk-1/}; "
          + "[ ! -e chk-2/$n ] || [ $f -ef chk-2/$n ] && echo same; done", as: user, ["OUT": out])
      #expect(shared.contains("same"))
      if copier == .archive {
        let total = try mount.shell("stat -c %s $OUT/all.tar", as: user, ["OUT": out])
        let full = try bench.checkpoints(of: "orders")
        #expect(try #require(Int(total)) < full.reduce(0) { $0 + $1.fullBytes })
      }
    }
  }

  @Test("a second rsync transfers nothing", .enabled(if: Tool.exists("rsync"), "there is no rsync"))
  func secondSynchronization() throws {
    try withCopy(.synchronize, .tester) { out throws in
      #expect(try mount.shell("rsync -aHi $MNT/orders $OUT/", ["OUT": out]).isEmpty)
      // Also where every byte is compared.
      #expect(try mount.shell("rsync -aHic $MNT/orders $OUT/", ["OUT": out]).isEmpty)
    }
  }

  @Test(
    "a copy opens for writing, and what RocksDB does there harms neither its sibling nor the store",
    arguments: User.canChange ? User.allCases : [.tester])
  func writableCopy(_ user: User) throws {
    try withCopy(.copy, user) { out throws in
      let copy = FilePath(out).appending("orders/chk-2")
      let database = try Database(copy)
      #expect(try database.rows(of: "default") == gallery.rows["two"]?["default"])
      try database.fill(0..<2000, "w")
      try database.fill(9000..<9100, "w", length: 5000, in: "orders")
      try database.flush()
      for family in database.columnFamilies { try database.compact(family) }
      #expect(try database.rows(of: "default") != gallery.rows["two"]?["default"])
      _ = consume database

      try mount.shell(
        "for n in 1 3; do diff -r $MNT/orders/chk-$n $OUT/orders/chk-$n; done", ["OUT": out])
      let sibling = try Database(readOnly: mount("orders/chk-2"))
      #expect(try sibling.rows(of: "default") == gallery.rows["two"]?["default"])
      let check = try bench.check()
      #expect(check.clean, "\(check.problems)")
    }
  }

  /// Runs `body` with a directory in which a user copied the history.
  private func withCopy(
    _ copier: Copier, _ user: User, _ body: (_ out: String) throws -> Void
  ) throws {
    let out = bench("out-\(UInt32.random(in: .min ... .max))")
    try FileSystemCalls.makeDirectory(out)
    defer { try? FileSystemCalls.removeTree(out) }  // the bench goes with all it holds
    if user == .nobody { try bench.shell("chown 65534:65534 \(out)") }
    try mount.shell(copier.rawValue, as: user, ["OUT": out.string])
    try body(out.string)
  }
}
