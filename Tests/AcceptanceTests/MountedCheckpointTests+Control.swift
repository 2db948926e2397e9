// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

extension MountedCheckpointTests {
  private struct Status: Decodable {
    let version: String
    let source: String
    let pid: Int32
    let mountedSince: String
    let histories: Int
  }

  private struct Report: Decodable {
    let history: String
    let number: Int
    let completedAt: String
    let files: Int
    let fullBytes: Int
    let newBytes: Int
    let tags: [String]
    let entries: [ListedEntry]
  }

  @Test("status.json tells which process shows which store since when")
  func status() throws {
    let text = Data(try mount.shell("cat $MNT/.ckptfs/status.json").utf8)
    let status = try JSONDecoder().decode(Status.self, from: text)
    #expect(status.source.hasSuffix(bench.store.string))
    #expect(status.histories == (try bench.statistics().histories))
    let program = try mount.shell("tr '\\0' ' ' < /proc/\(status.pid)/cmdline")
    #expect(program.contains("ckptfs") && program.contains(mount.point.string))
    let since = try #require(Int(try mount.shell("date -d \(status.mountedSince) +%s")))
    let made = try #require(Int(try mount.shell("stat -c %Y $STORE/ckptfs-store")))
    #expect((made...Int(try mount.shell("date +%s"))!).contains(since))
    #expect(try mount.shell("stat -c %s $MNT/.ckptfs/status.json") == "\(text.count + 1)")
  }

  @Test("a checkpoint's report says what the command says, and what the directory shows")
  func reports() throws {
    let listed = try bench.checkpoints(of: "orders")
    for checkpoint in listed {
      let name = "chk-\(checkpoint.number)"
      let report = try JSONDecoder().decode(
        Report.self,
        from: Data(mount.shell("cat $MNT/.ckptfs/checkpoints/orders/\(name).json").utf8))
      #expect(report.history == "orders" && report.number == checkpoint.number)
      #expect(report.files == checkpoint.files && report.fullBytes == checkpoint.fullBytes)
      #expect(report.newBytes == checkpoint.newBytes && report.tags == checkpoint.tags)
      let completed = try mount.shell("date -d \(report.completedAt) +%s.%N")
      #expect(
        completed == (try mount.shell("date -d \"$(stat -c %y $MNT/orders/\(name))\" +%s.%N")))
      #expect(
        Set(report.entries.map(\.path.text)) == Set(try mount("orders/\(name)").names))
      let entries = try bench.entries("orders/\(name)")
      #expect(
        Set(report.entries.map { [$0.path.text, $0.digest, "\($0.references)"] })
          == Set(entries.map { [$0.path.text, $0.digest, "\($0.references)"] }))
      for entry in report.entries {
        let path = mount("orders/\(name)/\(entry.path.text)")
        #expect(try path.status.size == entry.size)
        #expect(try mount.shell("sha256sum < \(path)").hasPrefix(entry.digest))
      }
    }
  }

  @Test(".ckptfs is there for who asks, and in no listing")
  func hidden() throws {
    let histories = Tool.exists("db_bench", "ldb") ? ".\n..\nbench\norders" : ".\n..\norders"
    #expect(try mount.shell("ls -a $MNT | sort") == histories)
    #expect(try mount.shell("find $MNT -name '.ck*'").isEmpty)
    #expect(try mount.shell("ls $MNT/.ckptfs | sort") == "checkpoints\nmetrics\nstatus.json")
  }

  @Test("completions order a listing by time, and links lead to what they say")
  func history() throws {
    #expect(
      try mount.shell("ls -dt $MNT/orders/chk-* | xargs -n1 basename") == "chk-3\nchk-2\nchk-1")
    #expect(try mount.shell("readlink $MNT/orders/latest") == "chk-3")
    #expect(try mount.shell("readlink $MNT/orders/tags/*") == "../chk-1")
    let times = try mount.shell("cd $MNT/orders/by-time; for l in *; do readlink $l; done")
    #expect(times == "../chk-1\n../chk-2\n../chk-3")
    #expect(
      try mount.shell("ls $MNT/orders | sort")
        == "by-time\nchk-1\nchk-2\nchk-3\nlatest\ntags")
  }

  @Test(
    "attributes tell digest, references, history and number, only where the mount offers them",
    .enabled(if: Tool.exists("getfattr"), "there is no getfattr"))
  func attributes() throws {
    let without = try mount.attempt("getfattr -d $MNT/orders/chk-2/CURRENT")
    #expect(without.output.isEmpty && without.errors.contains("Operation not supported"))
    try bench.withMount(options: "xattr") { offering in
      for entry in try bench.entries("orders/chk-2") {
        func value(_ name: String) throws -> String {
          try offering.shell(
            "getfattr --only-values -n user.ckptfs.\(name) $MNT/orders/chk-2/\(entry.path.text)")
        }
        #expect(
          try offering.shell("sha256sum < $MNT/orders/chk-2/\(entry.path.text)")
            .hasPrefix(value("digest")))
        #expect(try value("digest") == entry.digest)
        #expect(try value("references") == "\(entry.references)")
      }
      #expect(
        try offering.shell("cd $MNT; getfattr -dm '^user.ckptfs' orders/chk-2 orders/chk-2/CURRENT")
          .split(separator: "\n").filter { !$0.hasPrefix("user.ckptfs.digest") }
          == [
            "# file: orders/chk-2", "user.ckptfs.history=\"orders\"", "user.ckptfs.number=\"2\"",
            "# file: orders/chk-2/CURRENT", "user.ckptfs.history=\"orders\"",
            "user.ckptfs.number=\"2\"", "user.ckptfs.references=\"\(try references("CURRENT"))\"",
          ])
    }
  }

  private func references(_ path: String) throws -> Int {
    try #require(try bench.entries("orders/chk-2").first { $0.path.text == path }).references
  }
}
