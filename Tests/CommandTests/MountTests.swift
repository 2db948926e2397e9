// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(
  "mount and umount", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"))
struct MountTests {
  /// Mounts, does `body`, and leaves no mount behind.
  private func withMount(_ options: String..., body: (Sample) throws -> Void) throws {
    let sample = try Sample()
    let mounted = try Program.run(
      ["mount", "store", "mnt"] + options, in: sample.path)
    defer {
      // Gone already where the test has unmounted it.
      _ = try? Program.shell("umount -l mnt 2>/dev/null || fusermount3 -uz mnt", in: sample.path)
    }
    try #require(mounted.status == 0, "\(mounted)")
    try body(sample)
  }

  @Test("mount returns when the mount can be used, and its process holds no directory or terminal")
  func background() throws {
    try withMount { sample in
      let listing = try Program.shell("ls mnt mnt/orders", in: sample.path)
      #expect(listing.output.contains("chk-1\nchk-2\nlatest\n"))
      let same = try Program.shell(
        "diff -r cp-1 mnt/orders/chk-1 && diff -r cp-2 mnt/orders/latest/", in: sample.path)
      #expect(same.status == 0, "\(same)")
      let process = try Program.shell(
        """
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' mnt/.ckptfs/status.json)
        readlink /proc/$pid/cwd /proc/$pid/fd/0 /proc/$pid/fd/1 /proc/$pid/fd/2
        test "$(ps -o sid= -p $pid | tr -d ' ')" = $pid && ps -o comm= -p $pid
        """, in: sample.path)
      #expect(process.output == "/\n/dev/null\n/dev/null\n/dev/null\nckptfs\n", "\(process)")
      let gone = try sample.run("umount", "mnt", "--json")
      #expect(gone.status == 0 && gone.output.contains("\"mountPoint\":\"\(sample.mountPoint)\""))
    }
  }

  @Test(
    "A mount tells of itself by the path that the kernel has, through whatever it was named",
    arguments: ["link", "link/../mnt", "cp-1/../mnt"])
  func realPath(_ name: String) throws {
    let sample = try Sample()
    defer { _ = try? Program.shell("umount -l mnt", in: sample.path) }
    let outcome = try Program.shell(
      """
      ln -s mnt link; $CKPTFS mount store \(name) >/dev/null
      grep -c " $PWD/mnt fuse.ckptfs " /proc/mounts
      sed -n 's/.*"mountPoint" : "\\(.*\\)",/\\1/p' mnt/.ckptfs/status.json
      sed -n 's/^ckptfs_mount_info.*,mount_point="\\(.*\\)"} 1/\\1/p' mnt/.ckptfs/metrics
      """, in: sample.path)
    #expect(outcome.output == "1\n\(sample.mountPoint)\n\(sample.mountPoint)\n", "\(outcome)")
  }

  @Test("Options may be attached to -o, as those of mount(8)")
  func attachedOptions() throws {
    try withMount("-oallow_other,umask=077") { sample in
      let seen = try Program.shell(
        "grep -c 'mnt fuse.ckptfs .*allow_other' /proc/mounts; stat -c %a mnt/orders",
        in: sample.path)
      #expect(seen.output == "1\n700\n", "\(seen)")
    }
  }

  @Test("umount of a busy mount ends with status 4 and says who uses it")
  func busy() throws {
    try withMount { sample in
      let reader = Process()
      reader.executableURL = URL(filePath: "/bin/sleep")
      reader.arguments = ["100"]
      reader.currentDirectoryURL = URL(
        filePath: sample.mountPoint.appending("orders").appending("chk-1").string)
      try reader.start()
      let refused = try sample.run("umount", "mnt")
      // Not SIGTERM: what a thread of Dispatch starts has inherited that it is blocked.
      kill(reader.processIdentifier, SIGKILL)
      reader.waitUntilExit()
      #expect(refused.status == 4 && refused.errors.contains("(\(reader.processIdentifier))"))
      #expect(try sample.run("umount", "mnt").status == 0)
    }
  }

  @Test("A second mount in the same place is refused, also where the first shows nothing yet")
  func twice() throws {
    try withMount { sample in
      let again = try sample.run("mount", "store", "mnt")
      #expect(again.status == 1 && again.errors.contains("ckptfs umount"))
    }
    let scratch = try ScratchDirectory()
    let directory = try scratch.directory("mnt")
    let store = scratch.path.appending("s")
    #expect(try Program.run(["init"], store: store).status == 0)
    #expect(try Program.run(["mount", store.string, directory.string]).status == 0)
    let again = try Program.run(["mount", store.string, directory.string])
    #expect(try Program.run(["umount", directory.string]).status == 0)
    #expect(again.status == 1 && again.errors.contains("is mounted there already"))
  }

  @Test(
    "mount refuses a mount point that is absent, not empty, or overlaps the store",
    arguments: [
      ("nowhere", Int32(3), "it does not exist"), ("cp-1", 1, "it is not empty"),
      ("store/blobs", 1, "it is within the store"), (".", 1, "it contains the store"),
    ])
  func refusals(_ point: String, _ status: Int32, _ message: String) throws {
    let sample = try Sample(committing: false)
    for foreground in [[], ["-f"]] {
      let outcome = try Program.run(
        ["mount", "store", point] + foreground, in: sample.path)
      #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors.hasPrefix("ckptfs: ") && outcome.errors.contains(message))
      #expect(outcome.errors.filter(\.isNewline).count == 1)
    }
  }

  @Test(
    "SIGTERM, SIGINT and SIGHUP unmount, and the process ends with status 0",
    arguments: [SIGTERM, SIGINT, SIGHUP])
  func signals(_ signal: Int32) throws {
    let sample = try Sample()
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: Program.executable.string)
    process.arguments = ["mount", "-f", sample.store.string, sample.mountPoint.string]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.start()
    let ready = output.fileHandleForReading.availableData
    #expect(String(decoding: ready, as: UTF8.self).hasPrefix("mounted "))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(try sample.run("umount", "mnt").status == 3, "nothing is left mounted")
  }

  @Test("umount takes a mount away whose process was killed")
  func dead() throws {
    try withMount { sample in
      let killed = try Program.shell(
        """
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' mnt/.ckptfs/status.json); kill -9 $pid
        until ! ls mnt >/dev/null 2>&1; do :; done
        """, in: sample.path)
      #expect(killed.status == 0)
      #expect(try sample.run("umount", "mnt").status == 0)
    }
  }

  @Test("A mount whose process was killed fails, never looks empty, and mount takes its place")
  func replacing() throws {
    try withMount { sample in
      let outcome = try Program.shell(
        """
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' mnt/.ckptfs/status.json)
        exec 3<mnt/orders/chk-1/CURRENT; kill -9 $pid
        until ! ls mnt >/dev/null 2>&1; do :; done
        $CKPTFS mount nowhere mnt; ls mnt || echo fails
        $CKPTFS mount store mnt && ls mnt
        grep -c " $PWD/mnt " /proc/self/mountinfo
        """, in: sample.path)
      #expect(
        outcome.output == "fails\nmounted '\(sample.store)' on '\(sample.mountPoint)'\norders\n1\n",
        "\(outcome)")
    }
  }

  @Test(
    "Of those who mount on one dead mount at once one succeeds, and none takes away what another has mounted"
  )
  func replacingAtOnce() throws {
    try withMount { sample in
      let outcome = try Program.shell(
        """
        for round in 1 2 3; do
          pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' mnt/.ckptfs/status.json); kill -9 $pid
          until ! ls mnt >/dev/null 2>&1; do :; done
          for n in 1 2 3 4; do { $CKPTFS mount store mnt >/dev/null 2>error-$n && echo mounted; } & done; wait
          ls mnt; grep -c " $PWD/mnt " /proc/self/mountinfo; grep -l 'ckptfs umount' error-? | wc -l
        done
        """, in: sample.path)
      #expect(
        outcome.output == String(repeating: "mounted\norders\n1\n3\n", count: 3), "\(outcome)")
    }
  }

  @Test("A mount whose connection is aborted while somebody uses it says so, and stays, failing")
  func aborted() throws {
    let sample = try Sample()
    defer { _ = try? Program.shell("umount -l mnt", in: sample.path) }
    let outcome = try Program.shell(
      """
      $CKPTFS mount -f store mnt > ready 2> log & daemon=$!
      until test -s ready; do kill -0 $daemon || exit 1; done
      exec 9< mnt/orders; umount -f mnt 2> /dev/null || echo busy
      wait $daemon; echo "status $?"; grep -o 'was aborted.*fails until it is mounted again' log
      ls mnt 2>&1 | grep -o 'not connected'
      exec 9<&-; $CKPTFS mount store mnt > /dev/null 2>&1 && ls mnt
      """, in: sample.path)
    #expect(outcome.output.hasPrefix("busy\nstatus 1\nwas aborted"), "\(outcome)")
    #expect(outcome.output.hasSuffix("not connected\norders\n"), "\(outcome)")
  }

  @Test("A process that may have too few open files does not mount", arguments: [10, 40])
  func tooFewFiles(_ limit: Int) throws {
    let sample = try Sample()
    let outcome = try Program.shell(
      "prlimit --nofile=\(limit) $CKPTFS mount -f store mnt", in: sample.path)
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(
      outcome.errors.hasPrefix(
        "ckptfs: a mount takes at least 64 open files, and this process may have \(limit)"),
      "\(outcome)")
  }

  @Test("While somebody else is about to mount in the same place, nothing there is taken away")
  func waiting() throws {
    try withMount { sample in
      let outcome = try Program.shell(
        """
        pid=$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' mnt/.ckptfs/status.json); kill -9 $pid
        until ! ls mnt >/dev/null 2>&1; do :; done
        exec 9<.; flock 9; $CKPTFS mount store mnt >/dev/null 9<&- &
        isWaiting() { grep -qx "$PWD" <(readlink /proc/$(pgrep -f "mount --background .* $PWD/mnt")/fd/*); }
        for try in $(seq 200); do if ls mnt >/dev/null 2>&1 || isWaiting; then break; fi; done
        ls mnt 2>/dev/null || echo waits
        flock -u 9; wait; ls mnt
        """, in: sample.path)
      #expect(outcome.output == "waits\norders\n", "\(outcome)")
    }
  }

  @Test(
    "Who cannot mount is told what is missing, also as root of a container, and never to mount as root then",
    .enabled(if: getuid() == 0, "only root can give privileges away"),
    arguments: [
      ("$LESS", "mounting takes CAP_SYS_ADMIN, which root lacks here"),
      ("mount --bind dev /dev;", "there is no /dev/fuse"),
      ("mount --bind dev /dev; $LESS", "there is no /dev/fuse"),
      (
        "chmod -R a+rwX .; chmod 600 fuse; mount --bind fuse /dev/fuse; $NOBODY",
        "only root may open /dev/fuse here"
      ),
    ])
  func containers(_ prefix: String, _ advice: String) throws {
    let sample = try Sample()
    let script = """
      mkdir dev; touch dev/null; mknod fuse c 10 229
      LESS="setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin"
      NOBODY="setpriv --reuid=65534 --regid=65534 --clear-groups"
      \(prefix) $CKPTFS mount store mnt
      """
    try Data(script.utf8).write(to: URL(filePath: sample.path.appending("script").string))
    let outcome = try Program.shell("unshare -m sh script", in: sample.path)
    #expect(outcome.status == 1 && outcome.errors.contains(advice), "\(outcome)")
    #expect(!outcome.errors.contains("as root;"), "\(outcome)")
  }

  @Test(
    "mount(8) is told by its status where there is no ckptfs",
    .enabled(if: getuid() == 0, "only root can hide what is installed"),
    arguments: ["mount.ckptfs store mnt", "umount.ckptfs mnt"])
  func noProgram(_ helper: String) throws {
    let scripts = Program.scripts
    let outcome = try Program.shell(
      "PATH=/usr/sbin:/usr/bin unshare -m sh -c 'mount --bind \(scripts) /usr/local/bin; sh \(scripts)/\(helper)'"
    )
    #expect(outcome.status == 2 && outcome.errors.contains("there is no 'ckptfs' in"), "\(outcome)")
    #expect(outcome.errors.filter(\.isNewline).count == 1)
  }

  @Test("umount refuses what is no mount of ckptfs")
  func foreign() throws {
    let outcome = try Program.run(["umount", "/proc"])
    #expect(outcome.status == 3 && outcome.errors.contains("is proc, not ckptfs"))
  }

  @Test(
    "mount(8), umount(8) and a line of fstab work with the helpers installed",
    .enabled(if: getuid() == 0, "only root may install helpers and mount with mount(8)"))
  func helpers() throws {
    let sample = try Sample()
    // mount(8) looks in /sbin only, and gives its helper a $PATH of its own: both are laid over /usr/sbin where
    // nobody else sees it.
    let script = """
      set -e
      mount -t tmpfs none over; mkdir over/upper over/work
      cp \(Program.scripts)/mount.ckptfs \(Program.scripts)/umount.ckptfs over/upper
      cp over/upper/umount.ckptfs over/upper/umount.fuse.ckptfs
      cp over/upper/mount.ckptfs over/upper/mount.fuse.ckptfs
      ln -s \(Program.executable) over/upper/ckptfs
      mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=over/upper,workdir=over/work /usr/sbin
      mount -t ckptfs store mnt -o allow_other,uid=5; stat -c 'option %u' mnt
      mount -o remount,uid=6 mnt 2>&1 | grep -o "cannot be changed"; stat -c 'still %u' mnt; umount mnt
      mount -t fuse.ckptfs store mnt; stat -f -c 'also %T' mnt; umount mnt
      mount -f -t ckptfs store mnt; mountpoint -q mnt || echo fake
      mount -t ckptfs store mnt -o frob || echo status $?
      echo "$PWD/store $PWD/mnt ckptfs noauto,nofail,_netdev,user,x-systemd.automount,gid=6 0 0" > fstab
      mount -T fstab mnt; stat -c 'fstab %g' mnt
      (cd mnt/orders; umount .. || echo status $?)
      umount mnt; mountpoint -q mnt || echo gone
      mkdir "a b"; cp -a store "s t"
      printf "%s\\n" "$PWD/s\\040t $PWD/a\\040b ckptfs umask=027 0 0" > fstab
      mount -a -T fstab; mount -a -T fstab; stat -c "escaped %A" "a b"
      kill_server() {
        kill -9 $(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' "a b/.ckptfs/status.json")
        until ! ls "a b" >/dev/null 2>&1; do :; done
      }
      kill_server; mount -a -T fstab; ls "a b" 2>/dev/null || echo dead
      mount -T fstab "a b"; ls "a b"
      # As systemd stops a mount unit.
      kill_server; umount "$PWD/a b" -c; mount -a -T fstab; ls "a b"
      umount "a b"; mountpoint -q "a b" || echo gone
      """
    _ = try sample.scratch.directory("over")
    let supported = try Program.shell("unshare -m true && grep -qw overlay /proc/filesystems")
    try #require(supported.status == 0, "a mount namespace and overlayfs are needed here")
    let outcome = try Program.shell(
      "unshare -m sh -c '\(script.replacing("'", with: "'\\''"))'", in: sample.path)
    #expect(
      outcome.output.split(separator: "\n").map(String.init)
        == [
          "option 5", "cannot be changed", "still 5", "also fuseblk", "fake", "status 1", "fstab 6",
          "status 32", "gone", "escaped drwxr-x---",
          "dead", "orders", "orders", "gone",
        ], "\(outcome)")
    #expect(outcome.errors.contains("unknown mount option 'frob'"))
    #expect(outcome.errors.contains("is in use by "))
  }
}
