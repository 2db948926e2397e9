// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Wrong calls")
struct WrongCallTests {
  /// A wrong call, its exit status, and what its one line of error has in it.
  struct Case: CustomTestStringConvertible, Sendable {
    let line: String
    let status: Int32
    let message: String

    init(_ line: String, _ status: Int32, _ message: String) {
      self.line = line
      self.status = status
      self.message = message
    }

    var testDescription: String { "ckptfs \(line)" }
  }

  private static let cases = [
    Case("frobnicate", 64, "there is no command 'frobnicate'; see 'ckptfs --help'"),
    Case("help nope", 64, "there is no command 'nope'; see 'ckptfs --help'"),
    Case("restore orders/chk-1 no/where", 1, "there is no directory 'no'; make it first"),
    Case("mount store mnt -ofrob", 64, "unknown mount option 'frob'"),
    Case("mount store mnt -oumask=9,allow_other", 64, "umask=9"),
    Case("ls --frob", 64, "unknown option '--frob'"),
    Case("ls a/b/c", 64, "write HISTORY/chk-N"),
    Case("ls chk-1", 64, "have a meaning of their own"),
    Case("ls .hidden", 64, "it begins with '.' or '-'"),
    Case("show orders", 64, "'orders' names no checkpoint"),
    Case("show orders/chk-01", 64, "names no checkpoint"),
    Case("show orders/chk-0", 64, "names no checkpoint"),
    Case("show", 64, "missing expected argument"),
    Case("drop", 64, "missing expected argument"),
    Case("begin orders", 64, "'--shards <names>'"),
    Case("begin orders --shards a,a", 64, "named twice"),
    Case("begin orders --shards a,", 64, "it is empty"),
    Case("begin orders --shards a/b", 64, "only letters, digits, '.', '_' and '-' are allowed"),
    Case("begin orders --shards a --deadline 0s", 64, "lies in the future"),
    Case("begin orders --shards a --number 1", 1, "is completed already"),
    Case("abort orders/latest", 64, "write HISTORY/chk-N"),
    Case("abort orders/chk-9", 3, "there is no pending checkpoint orders/chk-9"),
    Case("abort orders/chk-1", 1, "is completed, not pending"),
    Case("commit cp-1 --history orders --shard a", 64, "--shard needs --number"),
    Case(
      "commit cp-1 --history orders --number 9 --shard a", 3, "no pending checkpoint orders/chk-9"),
    Case("commit cp-1 --history orders --number 9 --shard a --tag t", 64, "--tag names a whole"),
    Case("prune orders", 64, "give at least one of --keep-last"),
    Case("prune orders --keep-last x", 64, "no whole number from 0"),
    Case("prune orders --keep-tag a/*", 64, "only letters, digits, '.', '_' and '-' are allowed"),
    Case("prune orders --keep-within 7", 64, "a number and a unit"),
    Case("prune nothing --keep-last 1", 3, "there is no history 'nothing'"),
    Case("tag orders/chk-1 a/b", 64, "only letters, digits, '.', '_' and '-' are allowed"),
    Case("tag orders/chk-1 latest", 64, "have a meaning of their own"),
    Case("untag orders/chk-1", 64, "write HISTORY/tags/NAME"),
    Case("rename orders tags", 64, "have a meaning of their own"),
    Case("commit cp-1", 64, "'--history <name>'"),
    Case("commit cp-1 --history ../x", 64, "is no valid name"),
    Case("commit cp-1 --history o --number 0", 64, "whole number from 1 to 4611686018427387903"),
    Case("commit cp-1 --history o --number 4611686018427387904", 64, "to 4611686018427387903"),
    Case("commit cp-1 --history o --number 9223372036854775808", 64, "to 4611686018427387903"),
    Case("commit cp-1 --history o --ingest move", 64, "there are auto, reflink, link and copy"),
    Case("restore orders/chk-1 x --mode move", 64, "there are auto, reflink, link and copy"),
    Case("mount store mnt -o rw", 64, "always read-only"),
    Case("mount store mnt -o frob", 64, "unknown mount option 'frob'"),
    Case("mount flink:nowhere mnt", 3, "there is no directory"),
    Case("mount store mnt --map /a=/b", 64, "--map is for flink:DIR"),
    Case("fsck flink:nowhere", 3, "there is no directory"),
    Case("fsck nowhere", 64, "or flink:DIR"),
    Case("unreferenced store", 64, "give flink:DIR"),
    Case("unreferenced flink:cp-1 --min-age 5", 64, "a number and a unit"),
    Case("import cp-1 --history o", 64, "give flink:DIR"),
    Case("show flink:cp-1/chk-1", 3, "no completed checkpoint"),
    Case("ls nothing", 3, "there is no history 'nothing'"),
    Case("ls orders/chk-9", 3, "there is no checkpoint orders/chk-9"),
    Case("show orders/tags/nothing", 3, "there is no tag 'orders/tags/nothing'"),
    Case("untag orders/tags/nothing", 3, "there is no tag orders/tags/nothing"),
    Case("drop orders/chk-9", 3, "there is no checkpoint orders/chk-9"),
    Case("ls --store nowhere", 3, "'nowhere' is no ckptfs store"),
    Case("commit nowhere --history o", 3, "nowhere"),
    Case("snapshot --db nowhere --history o", 3, "nowhere"),
    Case("mount nowhere mnt", 3, "is no ckptfs store"),
    Case("ls --store cp-1/CURRENT", 3, "cp-1/CURRENT' is a file, no ckptfs store"),
    Case("init --store cp-1/CURRENT", 3, "cp-1/CURRENT' is a file, no ckptfs store"),
    Case("mount cp-1/CURRENT mnt", 3, "cp-1/CURRENT' is a file, no ckptfs store"),
    Case("umount nowhere", 3, "there is no 'nowhere'"),
    Case("umount mnt", 3, "nothing is mounted on"),
    Case("init --store cp-1", 1, "is not empty"),
    Case("restore orders/chk-1 cp-1", 1, "is not empty"),
  ]

  @Test("Each gives one line that names the object, and its exit status")
  func table() throws {
    let sample = try Sample()
    for wrong in Self.cases {
      let arguments = wrong.line.split(separator: " ").map(String.init)
      let outcome = try Program.run(arguments, store: sample.store, in: sample.path)
      #expect(outcome.status == wrong.status, "\(wrong.line): \(outcome)")
      #expect(outcome.output.isEmpty, "\(wrong.line)")
      #expect(outcome.errors.hasPrefix("ckptfs: "), "\(wrong.line): \(outcome)")
      #expect(outcome.errors.filter(\.isNewline).count == 1, "\(wrong.line): \(outcome)")
      #expect(outcome.errors.contains(wrong.message), "\(wrong.line): \(outcome)")
      let json = try Program.run(arguments + ["--json"], store: sample.store, in: sample.path)
      #expect(json.status == wrong.status, "\(wrong.line): \(json)")
      let error = try JSONDecoder().decode(ErrorShape.self, from: Data(json.errors.utf8)).error
      #expect(error.message.contains(wrong.message) && !error.code.isEmpty, "\(wrong.line)")
    }
  }

  @Test(
    "A store that comes back while it is looked at has lost no marker",
    arguments: [["ls"], ["init"], ["fsck"]])
  func comingBack(_ arguments: [String]) throws {
    let sample = try Sample()
    let marker = sample.store.appending("ckptfs-store")
    let away = try FailingFile(
      marker, .openToRead, .noSuchFileOrDirectory, scratch: sample.path, first: 1)
    let outcome = try Program.run(arguments, store: sample.store, failing: away)
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    let lost = try FailingFile(
      marker, .openToRead, .noSuchFileOrDirectory, scratch: sample.path, first: 2)
    let refusal = try Program.run(arguments, store: sample.store, failing: lost)
    #expect(refusal.status == 1, "\(refusal)")
    #expect(refusal.errors.contains("holds checkpoints, but its marker is lost"), "\(refusal)")
  }

  @Test(
    "A store that is there and cannot be used is no absent one: status 1",
    arguments: [
      ("printf 'ckptfs store 2\\n'", "has format 2, this ckptfs knows format 1 only"),
      ("printf ''", "ckptfs-store' is damaged: it is no store's marker; write it anew: printf"),
      ("printf 'ckptfs store 1\\nid 7\\n'", "is damaged: it does not say whose it is"),
    ])
  func unusable(_ marker: String, _ message: String) throws {
    let sample = try Sample()
    #expect(
      try Program.shell("\(marker) > store/ckptfs-store", in: sample.path).status == 0)
    for command in [["ls"], ["init"], ["mount", "store", "mnt"]] {
      let outcome = try Program.run(command, store: sample.store, in: sample.path)
      #expect(outcome.status == 1 && outcome.errors.contains(message), "\(command): \(outcome)")
    }
  }

  @Test("Without a store, a command asks for one")
  func noStore() throws {
    let outcome = try Program.run(["ls"])
    #expect(outcome.status == 64 && outcome.errors.contains("--store DIR or in $CKPTFS_STORE"))
  }

  @Test("A wrong value is named once, with the reason")
  func namedOnce() throws {
    #expect(
      try Program.run(["show", "orders"]).errors
        == "ckptfs: 'orders' names no checkpoint: write HISTORY/chk-N, HISTORY/latest, HISTORY/tags/NAME or HISTORY/by-time/NAME; see 'ckptfs show --help'\n"
    )
    #expect(
      try Program.run(["prune", "h", "--keep-last", "x"]).errors
        == "ckptfs: the value 'x' is invalid for '--keep-last <n>': it is no whole number from 0; see 'ckptfs prune --help'\n"
    )
  }

  @Test("Alone, the program tells what there is, as a wrong call")
  func alone() throws {
    let outcome = try Program.run([])
    let help = try Program.run(["--help"])
    #expect(outcome.status == 64 && outcome.output == help.output)
    #expect(try Program.run(["help", "ls"]).status == 0)
  }

  @Test("--help and --version go to standard output with status 0")
  func help() throws {
    let help = try Program.run(["--help"])
    #expect(help.status == 0 && help.errors.isEmpty && help.output.contains("KEEPING SUBCOMMANDS"))
    let version = try Program.run(["--version"])
    #expect(version.status == 0 && version.output.hasPrefix("ckptfs 0."))
    let command = try Program.run(["drop", "--help"])
    #expect(command.status == 0 && command.output.contains("Example: ckptfs drop"))
  }
}
