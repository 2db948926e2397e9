// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  /// Whether a daemon of the tests may register files; says why not where a test is skipped.
  static let passthroughIsPossible: Bool = {
    do {
      try withMountedDaemon(transfer: "passthrough") { _ in }
      return true
    } catch {
      return false
    }
  }()

  @Suite(
    .enabled(
      if: FuseDevice.isUsable && passthroughIsPossible, "no CAP_SYS_ADMIN, or Linux < 6.9"))
  struct Passthrough {
    private func open(_ name: String, in daemon: MountedDaemon) throws -> FileDescriptor {
      try FileDescriptor.open(daemon.mountPoint.appending(name), .readOnly)
    }

    @Test("The kernel reads the file by itself, in all ways: the daemon sees no read")
    func noReads() throws {
      try withMountedDaemon(transfer: "passthrough") { daemon throws in
        let content = daemon.bigContent
        let copy = daemon.directory.appending("copy")
        let file = try open("big", in: daemon)
        try file.closeAfter {
          #expect(try read(file, at: 1_000_001, count: 7) == Array(content[1_000_001...].prefix(7)))
          let address = unsafe mmap(nil, content.count, PROT_READ, MAP_PRIVATE, file.rawValue, 0)
          try #require(unsafe address != MAP_FAILED)
          defer { unsafe munmap(address, content.count) }
          let mapped = unsafe UnsafeRawBufferPointer(start: address, count: content.count)
          #expect(unsafe mapped.elementsEqual(content))
        }
        // cp by copy_file_range(2) or read(2), dd with O_DIRECT, tail by lseek(2).
        for command in [
          "cp \(daemon.mountPoint)/big \(copy) && cmp \(copy) \(daemon.directory)/big",
          "dd if=\(daemon.mountPoint)/big iflag=direct bs=64k 2>/dev/null | cmp - \(daemon.directory)/big",
          "tail -c 9 \(daemon.mountPoint)/big-link | cmp - <(tail -c 9 \(daemon.directory)/big)",
        ] {
          let done = try Tool.run(["bash", "-c", command])
          #expect(done.status == 0, "\(command): \(done)")
        }
        #expect(try daemon.counts().reads == 0)
        #expect(try eventually { try daemon.counts().openHandles == 0 })
      }
    }

    @Test("Two names of a node and files of another mode are open at the same time")
    func mixed() throws {
      try withMountedDaemon(transfer: "passthrough") { daemon throws in
        let first = try open("big", in: daemon)
        let second = try open("big-link", in: daemon)
        let other = try open("small", in: daemon)
        let direct = try open("direct", in: daemon)
        defer { for file in [first, second, other, direct] { try? file.close() } }
        for file in [first, second] {
          #expect(try read(file, at: 0, count: 9) == Array(daemon.bigContent.prefix(9)))
        }
        for file in [other, direct] {
          #expect(try read(file, at: 0, count: 5) == Array("small".utf8))
        }
        // All closed and opened again: the next open registers anew.
        for _ in 1...100 { try open("big", in: daemon).close() }
      }
    }

    @Test("What is open is read on, also when the daemon was killed")
    func killed() throws {
      try withMountedDaemon(transfer: "passthrough") { daemon throws in
        let file = try open("big", in: daemon)
        defer { try? file.close() }
        #expect(try daemon.end(by: SIGKILL) == -SIGKILL)
        #expect(try read(file, at: 0, count: 9) == Array(daemon.bigContent.prefix(9)))
        #expect(throws: Errno(rawValue: ENOTCONN)) { try open("big", in: daemon) }
      }
    }

    @Test(
      "Without CAP_SYS_ADMIN the session is told, before anybody may use the mount",
      .enabled(if: getuid() == 0, "only root has capabilities to drop"))
    func unprivileged() throws {
      // Where nobody else sees it, everybody may open /dev/fuse; fusermount3, which is set-user-ID root, mounts.
      let script = """
        set -e; point=$2; top=${point%/*}; mknod $top/fuse c 10 229; chmod 666 $top/fuse; chown 65534 $point
        mount --bind $top/fuse /dev/fuse; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
        """
      let error = #expect(throws: MountedDaemon.Failure.self) {
        try withMountedDaemon(
          transfer: "passthrough", prefix: ["unshare", "-m", "bash", "-c", script, "bash"]
        ) { _ in }
      }
      #expect(try #require(error).description.contains("Operation not permitted"))
    }
  }
}
