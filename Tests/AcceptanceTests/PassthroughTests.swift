// SPDX-License-Identifier: Apache-2.0

import Glibc
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .enabled(if: Mount.allowsPassthrough, "no CAP_SYS_ADMIN, or a kernel before Linux 6.9"),
  .timeLimit(.minutes(60)))
struct PassthroughTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Checkpoints with a large table in common and one of each alone.
  private func takeCheckpoints(_ numbers: ClosedRange<Int>) throws {
    for number in numbers {
      try bench.shell(
        """
        mkdir -p $AT/cp; cd $AT/cp; rm -f [12]*.sst
        test -e 000001.sst || head -c 8000000 /dev/urandom > 000001.sst
        head -c 8000000 /dev/urandom > 1\(number).sst; head -c 1000 /dev/urandom > 2\(number).sst
        echo MANIFEST-000005 > CURRENT; echo \(number) > MANIFEST-000005
        ckptfs commit . --history orders --unchecked >/dev/null
        """)
    }
  }

  /// How many bytes the process of a mount has read of anything, as a line of shell.
  private let bytesRead = """
    sed -n 's/rchar: //p' /proc/$(sed -n 's/.*"pid" *: *\\([0-9]*\\).*/\\1/p' $MNT/.ckptfs/status.json)/io
    """

  @Test(
    "The bytes of a large file do not pass the process of the mount, but for passthrough=off",
    arguments: [("auto", true), ("on", true), ("off", false)])
  func bytes(option: String, isPassed: Bool) throws {
    try takeCheckpoints(1...2)
    try bench.withMount(options: "passthrough=\(option)") { mount in
      let counts = try mount.shell(
        """
        cd $MNT/orders; \(bytesRead)
        for chk in chk-1 chk-2; do cmp $chk/000001.sst $AT/cp/000001.sst; done
        cmp chk-2/22.sst $AT/cp/22.sst; cmp chk-2/12.sst $AT/cp/12.sst
        \(bytesRead)
        """
      ).split(separator: "\n").compactMap { Int($0) }
      try #require(counts.count == 2)
      #expect((counts[1] - counts[0] < 1_000_000) == isPassed, "\(counts)")
    }
  }

  @Test(
    "All who read a file at once read the same, by two names, in all ways, while others drop and collect"
  )
  func mixed() throws {
    try takeCheckpoints(1...3)
    try bench.withMount { mount in
      _ = try mount.shell(
        """
        cd $MNT/orders; exec 3< chk-1/000001.sst 4< chk-2/000001.sst 5< chk-1/11.sst
        test $(stat -c %i chk-1/000001.sst) = $(stat -c %i chk-2/000001.sst)
        ckptfs drop orders/chk-1 >/dev/null; ckptfs gc >/dev/null
        cmp - $AT/cp/000001.sst <&3 &
        dd iflag=direct bs=1M status=none <&4 | cmp - $AT/cp/000001.sst
        test $(head -c 8000000 <&5 | wc -c) = 8000000
        wait $!
        (exec 6< chk-3/000001.sst; cmp - $AT/cp/000001.sst <&6)
        """)
    }
  }

  @Test("gc under a live mount frees the room of what was read, at once or when it is closed")
  func space() throws {
    // On a file system of its own, on which nobody else takes room.
    let used = try bench.shell(
      """
      mkdir $AT/disk $AT/mnt; cat > $AT/script <<'EOF'
      set -e; mount -t tmpfs none $AT/disk; export CKPTFS_STORE=$AT/disk/store
      take() { mkdir -p $AT/cp; rm -f $AT/cp/*
        head -c 8000000 /dev/urandom > $AT/cp/00001$1.sst; echo MANIFEST-000005 > $AT/cp/CURRENT; echo > $AT/cp/MANIFEST-000005
        ckptfs commit $AT/cp --history orders --unchecked >/dev/null; }
      used() { df --output=used -B1 $AT/disk | tail -1; }
      ckptfs init >/dev/null; for n in 1 2 3; do take $n; done
      ckptfs mount $CKPTFS_STORE $AT/mnt -o passthrough=on >/dev/null
      cat $AT/mnt/orders/*/*.sst >/dev/null; exec 3< $AT/mnt/orders/chk-2/000012.sst; head -c 10 <&3 >/dev/null
      used
      ckptfs drop orders/chk-1 >/dev/null; ckptfs gc >/dev/null; used
      ckptfs drop orders/chk-2 >/dev/null; ckptfs gc >/dev/null; used
      cat <&3 >/dev/null; exec 3<&-
      for i in $(seq 1000); do now=$(used); test $now -lt 12000000 && break; done; echo $now
      ckptfs umount $AT/mnt >/dev/null
      EOF
      unshare -m bash $AT/script
      """
    ).split(separator: "\n").compactMap { Int($0.filter(\.isNumber)) }
    try #require(used.count == 4)
    #expect(used[0] - used[1] > 7_000_000, "read, closed and collected: \(used)")
    #expect(used[1] - used[2] < 1_000_000, "collected, but open: \(used)")
    #expect(used[2] - used[3] > 7_000_000, "closed: \(used)")
  }

  @Test(
    "passthrough=on refuses a store on a file system that lies on another",
    .enabled(if: User.canChange, "only root can mount an overlay"))
  func stacked() throws {
    let said = try bench.shell(
      """
      cat > $AT/script <<'EOF'
      mkdir $AT/over $AT/mnt; mount -t tmpfs tmpfs $AT/over; cd $AT/over; mkdir low up work top
      mount -t overlay overlay -o lowerdir=low,upperdir=up,workdir=work top; cp -a $STORE top/store
      ckptfs mount top/store $AT/mnt -o passthrough=on || echo status $?
      EOF
      unshare -m bash -eu $AT/script 2>&1
      """, as: .tester)
    #expect(
      said.contains("cannot mount: the store lies on") && said.contains("status 1"), "\(said)")
  }

  @Test("Two mounts of a store each read its files by passthrough")
  func twoMounts() throws {
    try takeCheckpoints(1...1)
    try bench.withMount(options: "passthrough=on") { first in
      try bench.withMount(options: "passthrough=on") { second in
        _ = try bench.shell(
          "cmp \(first.point)/orders/chk-1/000001.sst \(second.point)/orders/chk-1/000001.sst")
      }
    }
  }

  @Test(
    "Who may not use passthrough is told so once, and reads all the same",
    .enabled(if: User.canChange, "only root can act as another user"))
  func unprivileged() throws {
    try takeCheckpoints(1...1)
    // Where nobody else sees it, everybody may open /dev/fuse; fusermount3, which is set-user-ID root, mounts.
    let said = try bench.shell(
      """
      mkdir $AT/mnt; chmod 755 $AT; chown -R 65534 $STORE $AT/mnt; mknod $AT/fuse c 10 229; chmod 666 $AT/fuse
      cat > $AT/script <<'EOF'
      mount --bind $AT/fuse /dev/fuse
      as="setpriv --reuid=65534 --regid=65534 --clear-groups"
      $as ckptfs mount $STORE $AT/mnt -o passthrough=on || echo status $?
      $as ckptfs mount -f $STORE $AT/mnt &
      until grep -q " $AT/mnt " /proc/mounts; do kill -0 $!; done
      $as cmp $AT/mnt/orders/chk-1/000001.sst $AT/cp/000001.sst && echo same
      $as cmp $AT/mnt/orders/chk-1/11.sst $AT/cp/11.sst && echo same
      $as fusermount3 -u $AT/mnt; wait $!
      EOF
      chmod -R a+rX $AT/cp; unshare -m bash -eu $AT/script 2>&1
      """)
    #expect(said.contains("cannot mount: FUSE passthrough takes CAP_SYS_ADMIN"), "\(said)")
    #expect(said.contains("status 1") && said.matches(of: /same/).count == 2, "\(said)")
    #expect(
      said.matches(of: /files are read through this process: FUSE passthrough takes/).count == 1,
      "\(said)")
  }

  @Test(
    "A mount whose process was killed fails, and shows nothing of what it showed, within a second")
  func killed() throws {
    try takeCheckpoints(1...1)
    let mount = try Mount(bench)
    try mount.shell("ls -lR $MNT; cat $MNT/orders/chk-1/000001.sst >/dev/null")
    let killed = try mount.shell(
      "sed -n 's/.*\"pid\" *: *\\([0-9]*\\).*/\\1/p' $MNT/.ckptfs/status.json | xargs kill -9")
    #expect(killed.isEmpty)
    let failing = try #require(
      try time { try mount.attempt("ls $MNT").errors.contains("not connected") })
    #expect(failing < .seconds(1))
    for command in ["ls $MNT/orders", "cat $MNT/orders/chk-1/CURRENT", "stat $MNT/orders/chk-9"] {
      #expect(try mount.attempt(command).errors.contains("not connected"), "\(command)")
    }
  }
}
