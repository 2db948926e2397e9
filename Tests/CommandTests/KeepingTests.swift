// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import TestSupport
import Testing

@Suite("Commands that keep order")
struct KeepingTests {
  @Test("A tag keeps a checkpoint from being dropped, until it is taken off")
  func tags() throws {
    let sample = try Sample()
    #expect(
      try sample.run("tag", "orders/chk-1", "keep").output
        == "tagged orders/chk-1 as orders/tags/keep\n")
    let refused = try sample.run("drop", "orders/chk-1")
    #expect(refused.status == 1 && refused.errors.contains("--force"))
    #expect(try sample.run("drop", "orders/chk-1", "--dry-run").status == 1)
    #expect(try sample.run("tag", "orders/chk-2", "keep").status == 1)
    #expect(
      try sample.run("untag", "orders/tags/keep").output == "took the tag orders/tags/keep off\n")
    #expect(try sample.run("drop", "orders/chk-1").status == 0)
  }

  @Test("drop tells what it releases, and gc reclaims exactly that")
  func dropAndCollect() throws {
    struct Dropped: Decodable {
      let releasedBlobs: Int
      let releasedBytes: Int
    }
    let sample = try Sample()
    let rehearsal = try sample.run("drop", "orders/chk-1", "--dry-run", "--json")
      .decoded(as: Dropped.self)
    #expect(try sample.run("gc", "--json").decoded(as: Collected.self).removedBlobs == 0)
    let dropped = try sample.run("drop", "orders/chk-1", "orders/chk-1")
    #expect(dropped.status == 0 && dropped.output.contains("'ckptfs gc' reclaims the space"))
    let preview = try sample.run("gc", "--dry-run", "--json").decoded(as: Collected.self)
    let collected = try sample.run("gc", "--json").decoded(as: Collected.self)
    #expect(rehearsal.releasedBlobs > 0 && preview.removedBlobs == collected.removedBlobs)
    #expect(collected.removedBlobs == rehearsal.releasedBlobs)
    #expect(collected.removedBytes == rehearsal.releasedBytes)
    #expect(try sample.run("gc").output == "removed 0 unreferenced files, 0 B\n")
    #expect(try sample.run("show", "orders/chk-1").status == 3)
  }

  @Test("The latest checkpoint is never dropped, and of several none then")
  func dropLatest() throws {
    let sample = try Sample()
    let outcome = try sample.run("drop", "orders/chk-1", "orders/latest", "--force")
    #expect(outcome.status == 1 && outcome.errors.contains("orders/chk-2 is the latest"))
    #expect(try sample.run("show", "orders/chk-1").status == 0)
  }

  @Test("rename gives a history another name, unless it is taken")
  func rename() throws {
    let sample = try Sample()
    #expect(try sample.run("rename", "orders", "old").output == "renamed orders to old\n")
    #expect(try sample.run("show", "old/chk-2").status == 0)
    #expect(try sample.run("show", "orders/chk-2").status == 3)
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    #expect(try sample.run("rename", "orders", "old").status == 1)
  }

  @Test("restore writes a checkpoint out, and refuses a destination that holds something")
  func restore() throws {
    let sample = try Sample()
    let copy = sample.path.appending("copy")
    let outcome = try sample.run("restore", "orders/chk-1", copy.string)
    #expect(outcome.status == 0 && outcome.output.hasPrefix("restored orders/chk-1 to "))
    #expect(try Program.shell("diff -r cp-1 copy", in: sample.path).status == 0)
    let refused = try sample.run("restore", "orders/chk-1", copy.string)
    #expect(refused.status == 1 && refused.errors.contains("not empty"))
  }

  @Test("fsck ends with status 2 where a file is gone, and names it and the checkpoints")
  func check() throws {
    let sample = try Sample()
    #expect(try sample.run("fsck", "--read-data").output == "clean\n")
    let removed = try Program.shell(
      "rm \"$(find store/blobs -type f -size +4k | head -1)\"", in: sample.path)
    #expect(removed.status == 0)
    let outcome = try sample.run("fsck", "--json")
    let shape = try outcome.decoded(as: CheckAnswer.self)
    #expect(outcome.status == 2 && !shape.clean && outcome.errors.isEmpty)
    let problem = try #require(shape.problems.first)
    #expect(problem.kind == "missing-blob" && !problem.path.isEmpty && !problem.detail.isEmpty)
    #expect(problem.checkpoints.contains("orders/chk-2"))
  }

  @Test("fsck tells a blob whose mode changed, and ends with status 0 all the same")
  func notice() throws {
    let sample = try Sample()
    #expect(try sample.run("fsck", "--json").decoded(as: CheckAnswer.self).notices.isEmpty)
    let blob = try Program.shell(
      "blob=$(find store/blobs -type f -size +4k | head -1); chmod 0640 $blob && echo $blob",
      in: sample.path
    ).output
    let outcome = try sample.run("fsck", "--json")
    let shape = try outcome.decoded(as: CheckAnswer.self)
    #expect(outcome.status == 0 && shape.clean && shape.problems.isEmpty)
    let notice = try #require(shape.notices.first)
    #expect(notice.kind == "changed-access" && "store/\(notice.path)\n" == blob)
    #expect(notice.checkpoints.contains("orders/chk-2"))
    #expect(notice.paths == [notice.path])
    let lines = try sample.run("fsck").output.split(separator: "\n")
    #expect(lines.count == 2 && lines[1] == "clean")
    #expect(lines[0].hasPrefix("notice: changed-access: blobs/"))
  }

  @Test("fsck tells in one notice of all files whose mode was changed at once, and JSON lists them")
  func noticeOfMany() throws {
    let sample = try Sample()
    let changed = try Program.shell(
      "find store/blobs -type f -perm 0644 -exec chmod 0640 {} + -print | wc -l", in: sample.path)
    #expect(changed.status == 0)
    let outcome = try sample.run("fsck")
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count == 2 && lines[1] == "clean", "\(outcome)")
    #expect(lines[0].contains(" blobs, as this one, belong to "))
    #expect(lines[0].hasSuffix("; needed by orders/chk-1, orders/chk-2"))
    let answer = try sample.run("fsck", "--json").decoded(as: CheckAnswer.self)
    let paths = try #require(answer.notices.first?.paths)
    #expect(answer.notices.count == 1 && paths.count > 1)
    #expect(lines[0].contains("the files of \(paths.count) blobs"))
    for path in paths { try sample.store.appending(path).setPermissions(0o644) }
    #expect(try sample.run("fsck").output == "clean\n")
  }

  @Test(
    "fsck ends with status 2 where the catalog is lost or damaged, and names the remedy",
    arguments: [
      ("rm store/catalog.sqlite*", "lost-catalog"),
      (": > store/catalog.sqlite; rm store/catalog.sqlite-*", "damaged-catalog"),
      ("truncate -s 20000 store/catalog.sqlite", "damaged-catalog"),
      ("truncate -s 1000 store/catalog.sqlite", "damaged-catalog"),
      ("head -c 100000 /dev/zero > store/catalog.sqlite", "damaged-catalog"),
      ("head -c 100000 /dev/urandom > store/catalog.sqlite", "damaged-catalog"),
      (
        "dd if=/dev/urandom of=store/catalog.sqlite bs=4096 seek=4 count=8 conv=notrunc",
        "damaged-catalog"
      ),
      (
        "dd if=/dev/zero of=store/catalog.sqlite bs=4096 seek=1 count=30 conv=notrunc",
        "damaged-catalog"
      ),
    ])
  func brokenCatalog(_ harm: String, _ kind: String) throws {
    let sample = try Sample()
    let before = try sample.run("ls", "--json").output
    #expect(
      try Program.shell("rm -f store/catalog.sqlite-*; \(harm)", in: sample.path).status >= 0)
    let outcome = try sample.run("fsck", "--json")
    #expect(outcome.status == 2 && outcome.errors.isEmpty, "\(harm): \(outcome)")
    let answer = try outcome.decoded(as: CheckAnswer.self)
    let problem = try #require(answer.problems.first)
    #expect(!answer.clean && problem.kind == kind && problem.path == "catalog.sqlite", "\(harm)")
    #expect(
      problem.checkpoints.isEmpty && problem.detail.contains("'ckptfs fsck --rebuild-catalog'"))
    let text = try sample.run("fsck")
    #expect(text.status == 2 && text.output.hasPrefix("\(kind): catalog.sqlite: "), "\(text)")
    #expect(try sample.run("fsck", "--rebuild-catalog").output.hasSuffix("clean\n"))
    #expect(try sample.run("ls", "--json").output == before)
  }

  @Test("What fsck has repaired it does not advise to repair, and rot it tells how to heal")
  func repaired() throws {
    let sample = try Sample()
    let blob = try Program.shell(
      "blob=$(find store/blobs -type f -size +4k | head -1); touch -d 2001-01-01 $blob; echo $blob",
      in: sample.path)
    #expect(blob.status == 0)
    let repaired = try sample.run("fsck", "--read-data", "--repair").output
    #expect(repaired.hasPrefix("repaired: changed-blob: ") && !repaired.contains("ckptfs fsck"))
    #expect(repaired.hasSuffix("\nclean\n"))
    let rot = try Program.shell(
      "blob=\(blob.output.dropLast()); cp -p --remove-destination $blob copy; rm $blob; cp -p copy $blob; "
        + "printf X | dd of=$blob bs=1 seek=9 conv=notrunc; touch -r copy $blob", in: sample.path)
    #expect(rot.status == 0)
    let found = try sample.run("fsck", "--read-data")
    #expect(found.status == 2 && found.output.contains("corrupt-blob: "))
    #expect(found.output.contains("committing the same content again heals this"), "\(found)")
    try sample.succeed("commit", "cp-1", "--history", "again", "--ingest", "copy")
    try sample.succeed("commit", "cp-2", "--history", "again", "--ingest", "copy")
    #expect(try sample.run("fsck", "--read-data").output == "clean\n")
  }

  @Test("fsck --rebuild-catalog brings a lost catalog back")
  func rebuild() throws {
    let sample = try Sample()
    let before = try sample.run("ls", "--json").output
    #expect(try Program.shell("rm store/catalog.sqlite*", in: sample.path).status == 0)
    let lost = try sample.run("ls")
    #expect(lost.status == 1 && lost.errors.contains("--rebuild-catalog"))
    #expect(try sample.run("fsck", "--rebuild-catalog").status == 0)
    #expect(try sample.run("ls", "--json").output == before)
  }

  @Test("fsck says which checkpoint a damaged manifest has cost, and what it says clears it")
  func damagedManifest() throws {
    let sample = try Sample()
    let harm = try Program.shell(
      """
      cp store/manifests/1/chk-2 good
      printf X | dd of=store/manifests/1/chk-2 bs=1 seek=40 conv=notrunc status=none
      rm store/catalog.sqlite*
      """, in: sample.path)
    #expect(harm.status == 0)
    for arguments in [["--rebuild-catalog"], ["--repair"], []] {
      let outcome = try Program.run(
        ["fsck"] + arguments, store: sample.store, in: sample.path)
      let lines = outcome.output.split(separator: "\n").filter {
        $0.contains("manifests/1/chk-2")
      }
      #expect(outcome.status == 2 && lines.count == 1, "\(arguments): \(outcome)")
      #expect(
        lines.first?.contains("chk-2 of history 'orders' is lost, since this file, its manifest,")
          == true, "\(outcome)")
      #expect(
        lines.first?.contains("put it back from a backup, or remove it to accept that") == true)
    }
    let used = try sample.run("commit", "cp-2", "--history", "orders", "--number", "2")
    #expect(used.status == 1 && used.errors.contains("the number of orders/chk-2 is used up"))
    #expect(try sample.run("commit", "cp-1", "--history", "orders").output.contains("orders/chk-3"))
    #expect(
      try Program.shell("cp -a store saved; rm store/manifests/1/chk-2", in: sample.path).status
        == 0)
    let rebuilt = try sample.run("fsck", "--rebuild-catalog").output.split(separator: "\n")
    #expect(rebuilt.first == "made the catalog anew from the manifests" && rebuilt.last == "clean")
    // Which contents were known to be bad is not known any more.
    #expect(rebuilt.contains { $0.contains("'ckptfs fsck --read-data' finds them") })
    #expect(try sample.run("fsck", "--read-data").status == 0)
    #expect(
      try Program.shell(
        "rm -r store; mv saved store; cp good store/manifests/1/chk-2", in: sample.path
      ).status == 0)
    #expect(try sample.run("fsck", "--rebuild-catalog").status == 0)
    #expect(try sample.run("show", "orders/chk-2").status == 0)
  }
}
