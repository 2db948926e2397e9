// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("What a command says, and where nobody hears it")
struct OutputTests {
  /// Commands that answer, each for a store of `Sample`.
  static let answering = [
    "ls", "ls orders", "ls orders/chk-1 --json", "show orders/chk-1", "stats", "fsck",
    "diff orders/chk-1 orders/chk-2", "gc --dry-run", "drop orders/chk-1 --dry-run",
    "prune orders --keep-last 1 --dry-run", "--help", "--version", "help ls",
  ]

  @Test(
    "With standard output closed it fails, and no file takes its place", arguments: answering)
  func closedOutput(_ line: String) throws {
    let sample = try Sample()
    let outcome = try Program.shell("$CKPTFS \(line) >&-", store: sample.store, in: sample.path)
    #expect(outcome.status == 1, "\(line): \(outcome)")
    #expect(
      outcome.errors.contains("standard output cannot be written to: Bad file descriptor")
        && outcome.errors.filter(\.isNewline).count == 1, "\(line): \(outcome)")
    let after = try Program.shell("cat store/locks/store", in: sample.path)
    #expect(after.status == 0 && after.output.isEmpty, "\(line)")
  }

  @Test("Closed input and errors do no harm, whatever else is closed")
  func closedOthers() throws {
    let sample = try Sample()
    for closed in ["<&-", "2>&-", "<&- 2>&-"] {
      let outcome = try Program.shell("$CKPTFS ls orders \(closed)", store: sample.store)
      #expect(outcome.status == 0 && outcome.output.contains("chk-2"), "\(closed): \(outcome)")
    }
    let all = try Program.shell(
      "$CKPTFS commit cp-1 --history late <&- >&- 2>&-; echo $?; $CKPTFS fsck --read-data",
      store: sample.store, in: sample.path)
    #expect(all.output == "1\nclean\n", "\(all)")
    #expect(
      try Program.shell("cat store/locks/* store/pending/*", in: sample.path).output.isEmpty)
  }

  @Test("An answer that cannot be written tells what was done all the same")
  func fullOutput() throws {
    let sample = try Sample(committing: false)
    let full = "standard output cannot be written to: No space left on device"
    for (line, deed) in [
      ("init --store other", "a store was made in 'other'"),
      ("commit cp-1 --history h", "h/chk-1 was committed"),
      ("commit cp-1 --history h --number 1 --tag t", "h/chk-1 was tagged as h/tags/t"),
      ("commit cp-2 --history h --tag u", "h/chk-2 was committed and tagged as h/tags/u"),
      ("snapshot --db db --history h", "h/chk-3 was committed"),
      ("tag h/chk-1 v", "h/chk-1 was tagged as h/tags/v"),
      ("untag h/tags/v", "the tag h/tags/v was taken off"),
      ("begin h --shards a,b", "h/chk-4 was begun"),
      ("commit cp-1 --history h --number 4 --shard a", "shard a of h/chk-4 was committed"),
      ("abort h/chk-4", "h/chk-4 was aborted"),
      ("restore h/chk-1 out --json", "h/chk-1 was restored to 'out'"),
      ("rename h new", "h was renamed to new"),
      ("drop new/chk-1 --force", "new/chk-1 was dropped"),
      ("prune new --keep-last 1 --force", "prune dropped 1 checkpoint of new"),
      ("gc", "gc removed "),
    ] {
      let outcome = try Program.shell(
        "$CKPTFS \(line) > /dev/full", store: sample.store, in: sample.path)
      #expect(outcome.status == 1, "\(line): \(outcome)")
      #expect(
        outcome.errors.contains(deed) && outcome.errors.contains(", but \(full)"),
        "\(line): \(outcome)")
      #expect(outcome.errors.filter(\.isNewline).count == 1, "\(line): \(outcome)")
    }
    let nothing = try Program.shell(
      "$CKPTFS gc --dry-run > /dev/full", store: sample.store, in: sample.path)
    #expect(nothing.errors == "ckptfs: \(full)\n")
  }

  @Test("Odd names are written in one way, and a terminal never gets what it would obey")
  func oddNames() throws {
    let sample = try Sample(committing: false)
    let made = try Program.shell(
      #"cd cp-1 && touch $'r\n\e[31mz' 'é ü.txt' ' a ' 'a%b' $'odd\xff'; mkdir $'d\x9b'"#,
      in: sample.path)
    #expect(made.status == 0)
    try sample.succeed("commit", sample.first.string, "--history", "h")
    let listing = try sample.run("ls", "h/chk-1").output
    for name in ["r%0a%1b[31mz", "é ü.txt", "%20a%20", "a%25b", "odd%ff", "d%9b/"] {
      #expect(listing.contains("  \(name)\n"), "\(name): \(listing)")
    }
    let restored = try Program.shell(
      #"$CKPTFS restore h/chk-1 $'r\n\e[31mz'"#, store: sample.store, in: sample.path)
    #expect(
      restored.status == 0
        && restored.output.hasPrefix("restored h/chk-1 to 'r%0a%1b[31mz': "), "\(restored)")
    let wrong = try Program.shell(
      #"$CKPTFS restore h/chk-1 $'r\n\e[31mz'; $CKPTFS ls $'a\n\e[31m'; $CKPTFS $'a\e'"#,
      store: sample.store, in: sample.path)
    #expect(wrong.errors.contains("'r%0a%1b[31mz' is not empty"), "\(wrong)")
    #expect(wrong.errors.split(separator: "\n").count == 3 && !wrong.errors.contains("\u{1B}"))
    #expect(try Program.run(["--help"]).output.contains("%XX"))
  }
}
