// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension MountedCheckpointTests {
  @Test(
    "no tool can change a mount: each is told that the file system is read-only",
    arguments: [
      "touch $MNT/new", "touch $MNT/orders/chk-1/CURRENT", "rm $MNT/orders/chk-1/CURRENT",
      "mv $MNT/orders/chk-1/CURRENT $MNT/orders/chk-1/OTHER", "mv $MNT/orders $MNT/others",
      "ln $MNT/orders/chk-1/CURRENT $MNT/orders/chk-1/OTHER", "ln -s chk-1 $MNT/orders/oldest",
      "ln -sfn chk-1 $MNT/orders/latest", "chmod 600 $MNT/orders/chk-1/CURRENT",
      "chown 1:1 $MNT/orders/chk-1/CURRENT", "mkdir $MNT/orders/chk-9", "rmdir $MNT/orders/chk-1",
      "rm $MNT/orders/tags/before-upgrade", "truncate -s 0 $MNT/orders/chk-1/CURRENT",
      "echo x >> $MNT/orders/chk-1/CURRENT", "echo x > $MNT/.ckptfs/status.json",
      "mkfifo $MNT/pipe", "fallocate -l 1 $MNT/orders/chk-1/CURRENT",
      "setfattr -n user.a -v b $MNT/orders/chk-1/CURRENT",
    ])
  func writes(_ line: String) throws {
    let outcome = try mount.attempt(line)
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("Read-only file system"), "\(outcome.errors)")
  }

  @Test("nothing was changed by what was refused, and the mount says that it is read-only")
  func unchanged() throws {
    #expect(try mount.shell("findmnt -no OPTIONS $MNT").split(separator: ",").contains("ro"))
    #expect(try mount.shell("diff -r $AT/one $MNT/orders/chk-1").isEmpty)
  }

  @Test(
    "a name that is not there is not there, however much it looks like one that is",
    arguments: [
      "chk-01", "chk-+1", "chk-0", "chk-4", "chk-99999999999999999999", "CHK-1", "chk-1 ", "chk-",
      "latest/nothing", "tags/latest", "by-time/chk-1", "chk-1/current", "chk-1/CURRENT.",
      "chk-1/.ckptfs", "$'\\xff'", ".ckptfs", "chk-1/$(printf 'x%.0s' {1..255})",
    ])
  func absent(_ name: String) throws {
    let outcome = try mount.attempt("stat $MNT/orders/\(name.contains(" ") ? "'\(name)'" : name)")
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("No such file or directory"), "\(outcome.errors)")
  }

  @Test("a name of 256 bytes is too long, a file is no directory, and dots lead where they should")
  func odd() throws {
    let long = try mount.attempt("stat $MNT/orders/chk-1/$(printf 'x%.0s' {1..256})")
    #expect(long.errors.contains("File name too long"))
    let file = try mount.attempt("stat $MNT/orders/chk-1/CURRENT/.")
    #expect(file.errors.contains("Not a directory"))
    try mount.shell(
      """
      cd $MNT/orders/chk-1
      [ . -ef ../chk-1/. ] && [ .. -ef $MNT/orders ] && [ ../.. -ef $MNT ]
      [ ../../../$(basename $MNT)/orders/latest/CURRENT -ef ../chk-3/CURRENT ]
      [ ../tags/before-upgrade/CURRENT -ef CURRENT ]
      [ ../by-time/*-chk-1/CURRENT -ef CURRENT ]
      """)
  }
}
