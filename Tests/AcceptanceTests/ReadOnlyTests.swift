// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite(
  "What POSIX has a read-only file system do, on a mount", .timeLimit(.minutes(60)),
  .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .enabled(if: Tool.exists("python3"), "python3 is missing: the cases are in Python"))
struct ReadOnlyTests {
  private static let cases = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .appending("Conformance").appending("read-only.py")

  @Test(
    "every call that would change something is refused as POSIX says, and every one that reads is right",
    arguments: User.allCases)
  func conforms(_ user: User) throws {
    if user != .tester && !User.canChange { return }
    let bench = try Self.bench()
    let outside = bench("outside")
    try bench.withMount(options: "allow_other") { mount in
      let outcome = try mount.attempt(
        "exec python3 \(Self.cases) $MNT orders \(outside)", as: user)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.hasSuffix(" cases, 0 failures\n"), "\(outcome)")
      let count = Int(outcome.output.split(separator: " ").first ?? "") ?? 0
      #expect(count > 600, "only \(count) cases")
      try mount.shell("diff -r $AT/one $MNT/orders/chk-1")
    }
  }

  // As root it would make files immutable.
  @Test(
    "the cases fail where something can be written",
    .enabled(if: getuid() != 0 || User.canChange, "setpriv is missing"))
  func notices() throws {
    let bench = try Self.bench()
    let user = User.canChange ? User.nobody : .tester
    _ = try bench.withMount { mount in
      try mount.shell("mkdir $AT/copy && cp -a $MNT/orders $MNT/.ckptfs $AT/copy")
    }
    if User.canChange { try bench.shell("chown -R 65534:65534 $AT/copy") }
    let outcome = try bench.attempt(
      "exec timeout 60 python3 \(Self.cases) $AT/copy orders $AT/outside", as: user)
    let words = outcome.output.split(separator: "\n").last?.split(separator: " ") ?? []
    #expect(outcome.status == 1 && words.count == 4, "\(outcome)")
    #expect(words.dropFirst(2).first.flatMap { Int($0) } ?? 0 > 200, "\(outcome)")
  }

  /// With a history `orders` of one checkpoint, and a directory `outside` that everybody can write to.
  private static func bench() throws -> Workbench {
    let bench = try Workbench()
    do {
      let database = try bench.database("db")
      try database.fill(0..<2000)
      try database.createCheckpoint(at: bench("one"), flush: .always)
    }
    try bench.commit("one", to: "orders")
    try bench.ckptfs("tag", "orders/chk-1", "before-upgrade")
    try bench.shell("mkdir -m 777 $AT/outside && chmod 755 $AT")
    return bench
  }
}
