// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Logging
import Testing

@Suite("Mount options")
struct MountOptionsTests {
  @Test("Options are read as mount(8) writes them, the last one counting")
  func options() throws {
    let options = try MountOptions("ro,allow_other,uid=5,gid=4294967294,xattr,uid=6")
    #expect(options.allowOther)
    #expect(options.extendedAttributes)
    #expect(options.user == 6)
    #expect(options.group == 4_294_967_294)
    #expect(try MountOptions("") == MountOptions())
  }

  @Test(
    "Passthrough is used where possible, demanded, or not used",
    arguments: [
      ("", .automatic), ("passthrough=auto", .automatic), ("passthrough=on", .required),
      ("passthrough=on,passthrough=off", .off),
    ] as [(String, PassthroughPolicy)])
  func passthrough(list: String, policy: PassthroughPolicy) throws {
    #expect(try MountOptions(list).passthrough == policy)
  }

  @Test("The least urgent messages that are logged are said by name")
  func logLevel() throws {
    #expect(try MountOptions("").logLevel == .info)
    #expect(try MountOptions("log_level=debug,log_level=warning").logLevel == .warning)
  }

  @Test("What mount(8), systemd and fstab add changes nothing")
  func swallowed() throws {
    let list =
      "defaults,nofail,_netdev,noauto,auto,user,user=joe,users,x-systemd.automount,x-gvfs-name=a b,"
      + "X-mount.mkdir=0700,comment=x-gvfs-show,dev,nodev,suid,nosuid,exec,noexec,relatime,noatime,"
      + "lazytime,sync,silent,default_permissions,ro,"
    #expect(try MountOptions(list) == MountOptions())
  }

  @Test(
    "Anything else is refused with a message that helps",
    arguments: [
      ("rw", "read-only"), ("ro,compress", "'compress': there are allow_other"),
      ("allow_other=1", "'allow_other=1'"), ("nofail=x", "'nofail=x'"), ("uid", "uid=1000"),
      ("uid=", "uid=1000"), ("uid=-1", "uid=1000"), ("gid=4294967295", "uid=1000"),
      ("uid=root", "uid=1000"), ("umask", "umask=027"),
      ("umask=8", "umask=027"), ("umask=1000", "umask=027"), ("umask=+7", "umask=027"),
      ("fmask=0133", "umask=N"), ("passthrough", "passthrough=auto"),
      ("passthrough=yes", "passthrough=auto"), ("log_level=all", "log_level=error"),
      ("UID=5", "unknown"), ("ro ", "unknown"),
      ("fsname=x", "unknown"),
    ])
  func refused(list: String, message: String) throws {
    let error = #expect(throws: InvalidMountOption.self) { try MountOptions(list) }
    #expect(try #require(error).description.contains(message))
    #expect(try !#require(error).description.contains("\n"))
  }

  @Test("libfuse is told what is always so, and allow_other only when asked")
  func libfuse() throws {
    let fixed = [
      "fsname=/srv/a,b", "subtype=ckptfs", "ro", "nosuid", "nodev", "default_permissions",
    ]
    #expect(MountOptions().libfuseOptions(source: "/srv/a,b") == fixed)
    #expect(
      try MountOptions("allow_other,xattr").libfuseOptions(source: "/srv/a,b")
        == fixed + ["allow_other"])
  }
}
