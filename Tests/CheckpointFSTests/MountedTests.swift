// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Real mounts, one at a time, seen by the tools that people use.
@Suite(
  "Mounted", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: FuseDevice.isUsable, "/dev/fuse cannot be opened: nothing can be mounted here"))
struct MountedTests {
  @Test("ls and stat show one inode and the count of references for a shared file")
  func stat() throws {
    try withMountedDaemon { daemon throws in
      let shared = try daemon.shell(
        "stat -c '%i %h %s %b %a %F' orders/chk-[12]/000012.sst orders/chk-3/shard-a/000012.sst")
      let lines = Set(shared.split(separator: "\n"))
      #expect(lines.count == 1)
      #expect(lines.first?.hasSuffix(" 3 700001 1368 644 regular file") == true)
      let own = try daemon.shell("stat -c '%i' orders/chk-[12]/CURRENT | sort -u | wc -l")
      #expect(own == "2")
      #expect(
        try daemon.shell("ls orders") == "by-time\nchk-1\nchk-2\nchk-3\nlatest\ntags")
      #expect(try daemon.shell("ls -a").contains(".ckptfs") == false)
      #expect(
        try daemon.shell("readlink -f orders/tags/before-upgrade | sed 's|.*/mnt/||'")
          == "orders/chk-1")
      #expect(
        try daemon.shell("ls -td orders/chk-*")
          == "orders/chk-3\norders/chk-2\norders/chk-1")
    }
  }

  @Test(
    "Copies keep the bytes, the links between checkpoints and the times",
    arguments: [
      "tar -cf - orders many/chk-1 many/chk-2 | tar -xf - -C $OUT",
      "rsync -aHR orders many/chk-1 many/chk-2 $OUT",
      "cp -a --parents orders many/chk-1 many/chk-2 $OUT",
    ])
  func copies(command: String) throws {
    try withMountedDaemon { daemon throws in
      _ = try daemon.shell(command)
      _ = try daemon.shell("diff -r --no-dereference orders $OUT/orders")
      _ = try daemon.shell("diff -r many/chk-1 $OUT/many/chk-1")
      let links = "find orders -name '*.sst' -printf '%f %n %s %T@ %m\\n' | sort"
      #expect(try daemon.shell(links) == daemon.shell("cd $OUT; \(links)"))
      let times = "find orders/chk-3 -printf '%p %Ts %m %y\\n' | sort"
      #expect(try daemon.shell(times) == daemon.shell("cd $OUT; \(times)"))
      let inodes = try daemon.shell("stat -c %i $OUT/orders/chk-[12]/000012.sst | sort -u | wc -l")
      #expect(inodes == "1")
    }
  }

  @Test("du counts a shared file once, and find descends everywhere")
  func duAndFind() throws {
    try withMountedDaemon { daemon throws in
      // Two tables, and the few bytes of the six files that are not shared.
      #expect(
        try daemon.shell("du -s -B512 orders | cut -f1")
          == String(2 * 1368 + 6))
      #expect(try daemon.shell("find orders -type f -printf x | wc -c") == "11")
      #expect(try daemon.shell("find orders -type f -links 3 | wc -l") == "3")
      #expect(try daemon.shell("find orders -type d | wc -l") == "8")
    }
  }

  @Test("A long directory is listed whole, with and without attributes")
  func longDirectory() throws {
    try withMountedDaemon { daemon throws in
      #expect(try daemon.shell("ls -U many | wc -l") == "503")
      #expect(try daemon.shell("ls -l many | grep -c chk-") == "501")
      #expect(try daemon.shell("ls many/by-time | wc -l") == "500")
      #expect(try daemon.shell("find many -name CURRENT | wc -l") == "500")
    }
  }

  @Test("Bytes are read right at every offset, also by mmap and direct reads")
  func reads() throws {
    try withMountedDaemon { daemon throws in
      let sum = try daemon.shell("sha256sum < orders/chk-1/000012.sst")
      let mapped = try Data(
        contentsOf: URL(fileURLWithPath: daemon.mountPoint + "/orders/chk-2/000012.sst"),
        options: .alwaysMapped)
      try mapped.write(to: URL(fileURLWithPath: daemon.directory + "/out/mapped"))
      #expect(try daemon.shell("sha256sum < $OUT/mapped") == sum)
      #expect(
        try daemon.shell(
          "dd if=orders/chk-2/000012.sst bs=4096 iflag=direct status=none | sha256sum")
          == sum)
      _ = try daemon.shell("cp orders/chk-1/000012.sst $OUT/t; cmp $OUT/t orders/chk-2/000012.sst")
      let piece = "bs=1 skip=131070 count=5 status=none | od -An -tx1"
      #expect(
        try daemon.shell("dd if=orders/chk-2/000012.sst \(piece)")
          == daemon.shell("dd if=$OUT/t \(piece)"))
    }
  }

  @Test(
    "A new checkpoint appears and a dropped one vanishes within a second, without a remount",
    arguments: [true, false])
  func fresh(isWatched: Bool) throws {
    try withMountedDaemon(isWatched: isWatched) { daemon throws in
      let new = FilePath(daemon.mountPoint + "/orders/chk-4")
      let latest = daemon.mountPoint + "/orders/latest"
      // So that the kernel remembers what was there before.
      #expect(throws: Errno.noSuchFileOrDirectory) { try Stat(new) }
      #expect(try daemon.shell("readlink orders/latest") == "chk-3")
      try daemon.command("complete orders 4")
      let appeared = try #require(
        time { (try? Stat(new)) != nil && Stat.target(latest) == "chk-4" })
      #expect(appeared < .seconds(1))
      #expect(try daemon.shell("cat orders/chk-4/000001.sst") == "a small table")
      #expect(try daemon.shell("ls orders").contains("chk-4"))

      let dropped = FilePath(daemon.mountPoint + "/orders/chk-1/000012.sst")
      let sibling = FilePath(daemon.mountPoint + "/orders/chk-2/000012.sst")
      #expect(try Stat(dropped).linkCount == 3)
      try daemon.command("drop orders 1")
      let vanished = try #require(time { (try? Stat(dropped)) == nil })
      #expect(vanished < .seconds(1))
      let counted = try #require(time { (try? Stat(sibling).linkCount) == 2 })
      #expect(counted < .seconds(1))
      #expect(try daemon.shell("ls orders").contains("chk-1") == false)
    }
  }

  @Test("A file that is open stays readable after its checkpoint was dropped")
  func openFile() throws {
    try withMountedDaemon { daemon throws in
      let path = FilePath(daemon.mountPoint + "/orders/chk-1/MANIFEST-000005")
      let file = try FileDescriptor.open(path, .readOnly)
      defer { try? file.close() }
      try daemon.command("drop orders 1")
      _ = try #require(time { (try? Stat(path)) == nil })
      let handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: false)
      #expect(try handle.readToEnd() == Data("versions".utf8))
    }
  }

  @Test("Who stays in a dropped checkpoint's directory is told that it is gone")
  func droppedDirectory() throws {
    try withMountedDaemon { daemon throws in
      let directory = FilePath(daemon.mountPoint + "/orders/chk-3/shard-a")
      let open = try FileDescriptor.open(directory, .readOnly, options: .directory)
      defer { try? open.close() }
      try daemon.command("drop orders 3")
      _ = try #require(time { (try? Stat(directory)) == nil })
      let result = try Tool.run(["ls", "/proc/\(getpid())/fd/\(open.rawValue)/"])
      #expect(result.status != 0)
      #expect(result.errors.contains("Stale file handle"))
    }
  }

  @Test("A listing that was on its way to the kernel when something changed is not kept")
  func lateListing() throws {
    try withMountedDaemon { daemon throws in
      func told() throws -> Int {
        let line = try daemon.shell(
          "grep '^ckptfs_invalidations_total{kind=\"node\"}' .ckptfs/metrics")
        return Int(line.split(separator: " ").last ?? "") ?? 0
      }
      let before = try told()
      try daemon.command("hold")
      let list = Process()
      list.executableURL = URL(fileURLWithPath: "/bin/ls")
      list.arguments = [daemon.mountPoint]
      list.standardOutput = FileHandle.nullDevice
      try list.start()
      try daemon.command("held")
      try daemon.command("rename many few")
      _ = try #require(try time { try told() > before })
      try daemon.command("release")
      list.waitUntilExit()
      #expect(try #require(time { try daemon.shell("ls") == "few\norders" }) < .milliseconds(1250))
    }
  }

  @Test("Control files are as long as stat says, and frozen while they are open")
  func controlFiles() throws {
    try withMountedDaemon { daemon throws in
      let path = daemon.mountPoint + "/.ckptfs/checkpoints/orders/chk-2.json"
      let size = try Int(Stat(FilePath(path)).size)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == size)
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      defer { try? file.close() }
      // Now its count of references takes one more digit in the file.
      for number in 10...20 { try daemon.command("complete orders \(number)") }
      try daemon.command("drop orders 1")
      #expect(try Int(file.stat().size) == size)
      let handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: false)
      #expect(try handle.readToEnd()?.count == size)
      let report = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(String(decoding: report, as: UTF8.self).contains("\"references\" : 2"))
      #expect(try daemon.shell("cat .ckptfs/status.json").contains("\"histories\" : 2"))
    }
  }

  @Test("The same tree has the same inode numbers after a remount")
  func remount() throws {
    let command = "find . .ckptfs -printf '%p %i %n %s %T@\\n' | sort"
    var first = ""
    try withMountedDaemon { first = try $0.shell(command) }
    #expect(first.split(separator: "\n").count > 2000)
    try withMountedDaemon { daemon throws in
      #expect(try daemon.shell(command).withoutChangingFiles == first.withoutChangingFiles)
    }
  }

  @Test("Nothing can be written, and options name the owner")
  func readOnly() throws {
    try withMountedDaemon(options: "uid=1234,gid=5678") { daemon throws in
      for command in [
        "touch orders/x", "rm orders/chk-1/CURRENT", "mkdir x", "echo x > orders/chk-1/CURRENT",
      ] {
        let error = #expect(throws: MountedDaemon.Failure.self) { try daemon.shell(command) }
        #expect(try #require(error).description.contains("Read-only file system"))
      }
      #expect(try daemon.shell("stat -c %u:%g orders/chk-1/CURRENT") == "1234:5678")
      #expect(try daemon.shell("stat -f -c '%l %b' .") == "255 1000000")
    }
  }

  @Test(
    "With allow_other another user may read what the modes allow",
    .enabled(if: getuid() == 0, "only root can act as another user"))
  func otherUser() throws {
    let command = "setpriv --reuid=65534 --regid=65534 --clear-groups cat orders/chk-1/CURRENT"
    try withMountedDaemon(options: "allow_other") { daemon throws in
      #expect(try daemon.shell(command) == "MANIFEST-000005")
    }
    try withMountedDaemon { daemon throws in
      let error = #expect(throws: MountedDaemon.Failure.self) { try daemon.shell(command) }
      #expect(try #require(error).description.contains("Permission denied"))
    }
  }

  @Test("A mount whose process was killed is recognised, and how to be rid of it is said")
  func deadMount() throws {
    try withMountedDaemon { daemon throws in
      let path = FilePath(daemon.mountPoint)
      let mounted = #expect(throws: MountPointError.self) { try MountPoint(path, source: "/etc") }
      #expect(try #require(mounted).flaw == .notEmpty)
      try daemon.kill()
      // The kernel had listed it a moment ago.
      let failing = try #require(
        time {
          do throws(MountPointError) {
            _ = try MountPoint(path, source: "/etc")
            return false
          } catch {
            return error.flaw == .deadMount
          }
        })
      #expect(failing < .seconds(1))
    }
  }

  @Test("A damaged file cannot be opened; the log says once why, all else is readable")
  func damaged() throws {
    try withMountedDaemon { daemon throws in
      try daemon.command("damage 12")
      for _ in 1...3 {
        let error = #expect(throws: MountedDaemon.Failure.self) {
          try daemon.shell("cat orders/chk-1/000012.sst")
        }
        #expect(try #require(error).description.contains("Input/output error"))
      }
      #expect(try daemon.shell("cat orders/chk-1/CURRENT") == "MANIFEST-000005")
      try daemon.command("complete orders 9")
      #expect(daemon.log.filter { $0.contains("damaged") }.count == 1)
    }
  }
}

extension Stat {
  fileprivate static func target(_ path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: path)
  }
}

extension String {
  /// Whose sizes are those of one moment.
  fileprivate var withoutChangingFiles: String {
    split(separator: "\n").filter {
      !$0.contains("status.json") && !$0.contains("metrics")
    }.joined(separator: "\n")
  }
}
