// SPDX-License-Identifier: Apache-2.0

import Foundation
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
    let bench = try Workbench()
    do {
      let database = try bench.database("db")
      try database.fill(0..<2000)
      try database.createCheckpoint(at: bench("one"), flush: .always)
    }
    try bench.commit("one", to: "orders")
    try bench.ckptfs("tag", "orders/chk-1", "before-upgrade")
    let outside = bench("outside")
    try bench.shell("mkdir -m 777 \(outside) && chmod 755 $AT")
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
}
