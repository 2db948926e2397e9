// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

/// Each in a mount namespace of its own, with a small tmpfs as the disk.
@Suite(
  "P6: a full disk",
  .enabled(if: getuid() == 0, "only root may mount a small disk to fill"))
struct FullDiskTests {
  /// Makes a store on a disk of 128 MiB, or of what `size` says, with two checkpoints that share a file, and fills the disk.
  private let filledDisk = """
    set -e
    mkdir disk db; mount -t tmpfs -o size=${size:-128m} none disk
    for name in CURRENT MANIFEST-000001 1.sst; do echo $name > db/$name; done
    head -c 8M /dev/zero > db/2.sst
    export CKPTFS_STORE=disk/store
    "$ckptfs" init > init.out
    "$ckptfs" commit db --history h --unchecked --ingest copy > commit.out
    rm db/2.sst; echo 3 > db/3.sst
    "$ckptfs" commit db --history h --unchecked --ingest copy > commit.out
    cat /dev/zero > disk/filler 2> filler.out || true
    test "$(stat -f -c %a disk)" = 0
    set +e
    """

  private func run(_ script: String, size: String = "128m") throws -> Outcome {
    let sample = try Sample()
    let supported = try Program.shell("unshare -m true")
    try #require(supported.status == 0, "a mount namespace is needed here")
    let whole = "size=\(size) ckptfs='\(Program.executable)'\n\(filledDisk)\n\(script)"
    try Data(whole.utf8).write(to: URL(filePath: sample.path.appending("script").string))
    return try Program.shell("mkdir run; cd run; unshare -m sh ../script", in: sample.path)
  }

  @Test("a commit fails in one line that says so, and leaves nothing")
  func commit() throws {
    let outcome = try run(
      """
      head -c 4M /dev/urandom > db/4.sst
      "$ckptfs" commit db --history h --unchecked --ingest copy; echo "status $?"
      rm disk/filler
      "$ckptfs" ls h | grep -c chk-; "$ckptfs" fsck --read-data
      """)
    #expect(outcome.output.hasPrefix("status 1\n2\n"), "\(outcome)")
    #expect(outcome.errors.lowercased().contains("no space left"), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
  }

  @Test("drop and gc free it")
  func free() throws {
    let outcome = try run(
      """
      "$ckptfs" drop h/chk-1 && "$ckptfs" gc; echo "status $?"
      test "$(stat -f -c %a disk)" -gt 1000 && echo freed
      rm disk/filler
      "$ckptfs" gc > gc.out; test "$(stat -c %s disk/store/reserve)" = 4194304 && echo refilled
      "$ckptfs" fsck --read-data > fsck.out; echo "status $?"
      """)
    #expect(
      outcome.output.contains("removed 1 unreferenced file, 8.0 MiB\nstatus 0\nfreed\n"),
      "\(outcome)")
    #expect(outcome.output.hasSuffix("freed\nrefilled\nstatus 0\n"), "\(outcome)")
  }

  @Test(
    "a checkpoint can be read there",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"))
  func reading() throws {
    let outcome = try run(
      """
      mkdir mnt; "$ckptfs" mount disk/store mnt > mount.out; echo "status $?"
      cmp db/3.sst mnt/h/latest/3.sst && ls mnt/h/chk-1 | wc -l; "$ckptfs" ls h | grep -c chk-
      "$ckptfs" umount mnt > umount.out; "$ckptfs" restore h/chk-2 copy > restore.out && diff -r db copy && echo restored
      rm disk/filler; "$ckptfs" gc > gc.out; test "$(stat -c %s disk/store/reserve)" = 4194304 && echo refilled
      """)
    #expect(outcome.output == "status 0\n4\n2\nrestored\nrefilled\n", "\(outcome)")
  }

  @Test(
    "where somebody fills it again and again, the reserve lasts for a while, and is not all spent on reading"
  )
  func refilled() throws {
    let outcome = try run(
      """
      for i in $(seq 40); do
        cat /dev/zero >> disk/filler 2> /dev/null
        "$ckptfs" ls h > ls.out 2> ls.err || break
      done
      test $i -gt 8 -a $i -lt 40 && echo lasted; cat ls.err >&2
      "$ckptfs" drop h/chk-1 > drop.out && "$ckptfs" gc
      """)
    #expect(
      outcome.output == "lasted\nremoved 1 unreferenced file, 8.0 MiB\n", "\(outcome)")
    #expect(outcome.errors.contains("not even to open the catalog"), "\(outcome)")
  }

  @Test(
    "a small disk has a reserve of its own size, which a drop that frees nothing does not use up")
  func small() throws {
    let outcome = try run(
      """
      for i in 1 2 3; do
        "$ckptfs" drop h/chk-$i > drop.out 2> drop.err; cat /dev/zero >> disk/filler 2> /dev/null
      done
      "$ckptfs" gc; test "$(stat -f -c %a disk)" -gt 1000 && echo freed
      """, size: "24m")
    #expect(
      outcome.output == "removed 1 unreferenced file, 8.0 MiB\nfreed\n", "\(outcome)")
  }

  @Test("with the reserve used up, it is said how to go on")
  func withoutReserve() throws {
    let outcome = try run(
      """
      rm disk/store/reserve; cat /dev/zero >> disk/filler 2> /dev/null
      "$ckptfs" ls; echo "status $?"
      """)
    #expect(outcome.output == "status 1\n", "\(outcome)")
    #expect(outcome.errors.contains("reserve is used up, so remove 1 MiB"), "\(outcome)")
  }
}
