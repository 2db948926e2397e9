// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite(
  "Mounts in everyday life", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"))
struct EverydayTests {
  private func run(_ script: String) throws -> Outcome {
    let sample = try Sample()
    let functions = """
      ckptfs() { "$CKPTFS" "$@"; }
      pid() { sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' ${1-mnt}/.ckptfs/status.json; }
      nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

      """
    try Data((functions + script).utf8)
      .write(to: URL(filePath: sample.path.appending("script").string))
    defer {
      // What the script has not unmounted because it failed.
      _ = try? Program.shell(
        "grep -o \" $PWD/[^ ]*\" /proc/self/mountinfo | xargs -d '\\n' -I X sh -c \"umount -l X\"",
        in: sample.path)
    }
    return try Program.shell(
      "timeout -s KILL 100 bash script", store: sample.store, in: sample.path)
  }

  @Test(
    "Only who mounts may look, unless allow_other lets all; the kernel checks the permissions",
    .enabled(
      if: getuid() == 0 && Program.exists("setpriv"), "only root may look as somebody else"))
  func otherUsers() throws {
    let outcome = try run(
      """
      ckptfs mount store mnt > out; nobody ls mnt; ckptfs umount mnt > out
      ckptfs mount store mnt -o allow_other,uid=7,gid=65534 > out
      stat -c '%A %u %g' mnt mnt/orders/chk-1 mnt/orders/chk-1/CURRENT
      nobody cat mnt/orders/chk-1/CURRENT > out && echo read
      nobody touch mnt/new mnt/orders/chk-1/CURRENT; ckptfs umount mnt > out
      ckptfs mount store mnt -o allow_other,uid=7,umask=077 > out
      stat -c '%A' mnt mnt/orders/chk-1 mnt/orders/chk-1/CURRENT mnt/orders/latest
      nobody ls mnt; ls mnt; ckptfs umount mnt > out
      ckptfs mount store mnt -o allow_other,gid=65534,umask=0137 > out
      nobody ls mnt > out && echo listed; nobody ls mnt/orders > out; ckptfs umount mnt > out
      """)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "drwxr-xr-x 7 65534", "drwxr-xr-x 7 65534", "-rw-r--r-- 7 65534", "read", "drwx------",
        "drwx------", "-rw-------", "lrwxrwxrwx", "orders", "listed",
      ], "\(outcome)")
    #expect(outcome.errors.components(separatedBy: "Permission denied").count == 4, "\(outcome)")
    #expect(outcome.errors.components(separatedBy: "Read-only file").count == 3, "\(outcome)")
  }

  @Test(
    "Any name of a mount point or store that is UTF-8 serves, also where it is not absolute",
    arguments: ["a b", "c,d", "n\nl", "q\\e", "eq=uals", "-dash", "./dot/../dot", "link", "ü"])
  func names(_ name: String) throws {
    let quoted = "'\(name)'"
    let outcome = try run(
      """
      if test \(quoted) = link; then mkdir place; ln -s place link; ln -s store copy-link; fi
      mkdir -p dot; mkdir -p -- \(quoted); cp -a store 'copy-'\(quoted.replacing("/", with: "_")) 2> /dev/null
      ckptfs mount -- 'copy-'\(quoted.replacing("/", with: "_")) \(quoted) > out && ls -- \(quoted)
      (cd mnt; ckptfs umount ../\(quoted) > out; echo $?)
      test "$(grep -c " $PWD/" /proc/self/mountinfo)" = 0 && echo gone
      """)
    #expect(outcome.output == "orders\n0\ngone\n" && outcome.errors.isEmpty, "\(outcome)")
  }

  @Test("What is no UTF-8 is refused in words, and no other file is taken for it")
  func bytes() throws {
    let outcome = try run(
      """
      mkdir $'m\\xff'; ckptfs mount store $'m\\xff'; echo $?
      CKPTFS_STORE=$'s\\xff' ckptfs ls; echo $?
      ckptfs restore orders/chk-1 $'r\\xff'; echo $?; ls | grep -c ^r
      """)
    #expect(outcome.output == "64\n64\n64\n0\n", "\(outcome)")
    #expect(outcome.errors.components(separatedBy: "is not UTF-8").count == 4, "\(outcome)")
    #expect(outcome.errors.filter(\.isNewline).count == 3)
  }

  @Test("It mounts without input, output, variables, a usable umask or a directory that stays")
  func surroundings() throws {
    let outcome = try run(
      """
      ckptfs mount store mnt <&- >&- 2>&-; echo $?; ls mnt; ckptfs umount mnt > out
      env -i "$CKPTFS" mount store mnt > out < /dev/null; echo $?; ls mnt; ckptfs umount mnt > out
      (umask 777; mkdir -m 700 cwd; cd cwd; ckptfs mount ../store ../mnt > ../out; rmdir ../cwd)
      ls mnt; ckptfs commit cp-1 --history more > out; ckptfs umount mnt > out
      """)
    #expect(outcome.output == "0\norders\n0\norders\norders\n", "\(outcome)")
    #expect(outcome.errors.isEmpty, "\(outcome)")
  }

  @Test(
    "One of two mounts of a store is unmounted while the other is read, and changes show in both")
  func twoMounts() throws {
    let outcome = try run(
      """
      mkdir one two; ckptfs mount store one > out; ckptfs mount store two > out
      diff <(cd one; find . -exec stat -c '%n %i %h %s %Y' {} + | sort) \\
        <(cd two; find . -exec stat -c '%n %i %h %s %Y' {} + | sort) && echo alike
      exec 3< two/orders/chk-1/CURRENT
      ckptfs umount one > out && cmp - cp-1/CURRENT <&3 && diff -r two/orders/chk-2 cp-2 && echo read
      ckptfs mount store one > out; ckptfs commit cp-1 --history more > out
      for i in $(seq 200); do test -e one/more/chk-1 -a -e two/more/chk-1 && echo both && break; sleep 0.02; done
      exec 3<&-; ckptfs umount one > out && ckptfs umount two > out && echo gone
      """)
    #expect(outcome.output == "alike\nread\nboth\ngone\n", "\(outcome)")
  }

  @Test(
    "A mirror is not emptied when the mount's process was killed",
    .enabled(if: Program.exists("rsync"), "there is no rsync"))
  func mirror() throws {
    let outcome = try run(
      """
      ckptfs mount store mnt > out; rsync -aH mnt/ mirror/; find mirror -type f | wc -l > before
      kill -9 $(pid); until ! ls mnt > out 2>&1; do :; done
      rsync -aH --delete mnt/ mirror/ 2> errors; echo "rsync $?"; find mirror -type f | wc -l | cmp - before
      ckptfs mount store mnt > out; rsync -aH --delete mnt/ mirror/; echo "rsync $?"
      find mirror -type f | wc -l | cmp - before; ckptfs umount mnt > out
      """)
    #expect(outcome.output == "rsync 23\nrsync 0\n", "\(outcome)")
  }

  @Test("Looking at very many names makes the process no larger")
  func memory() throws {
    let outcome = try run(
      """
      ckptfs mount store mnt > out; pid=$(pid)
      # Some of the names are there; none is remembered from one round to the next.
      look() { for round in $(seq $1); do
        (cd mnt/orders/chk-1; stat $(seq -f "absent-$round-%g" 3000) > /dev/null 2>&1; ls -l ../* > /dev/null); done; }
      resident() { sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$pid/status; }
      look 3; before=$(resident); look 20; after=$(resident)
      test $((after - before)) -lt 4096 && echo bounded || echo "from $before to $after KiB"
      ckptfs umount mnt > out
      """)
    #expect(outcome.output == "bounded\n", "\(outcome)")
  }
}
