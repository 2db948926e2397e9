// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  @Suite struct Ending {
    @Test("A signal unmounts and ends with success", arguments: [SIGTERM, SIGINT, SIGHUP])
    func signals(signal: Int32) throws {
      try withMountedDaemon { daemon throws in
        #expect(daemon.isMounted)
        #expect(try daemon.end(by: signal) == 0)
        #expect(!daemon.isMounted)
        #expect(try daemon.nextLine() == "ended signal(\(signal))")
      }
    }

    @Test("A signal unmounts although a file is open", arguments: [SIGTERM, SIGINT])
    func signalsWithOpenFile(signal: Int32) throws {
      try withMountedDaemon { daemon throws in
        let file = try FileDescriptor.open(daemon.mountPoint.appending("direct"), .readOnly)
        defer { try? file.close() }
        #expect(try read(file, at: 0, count: 5) == Array("small".utf8))
        #expect(try daemon.end(by: signal) == 0)
        #expect(!daemon.isMounted)
        #expect(throws: Errno.self) { try read(file, at: 0, count: 5) }
      }
    }

    @Test("A signal that meets another thread ends the session, too")
    func signalOnAnotherThread() throws {
      try withMountedDaemon { daemon throws in
        #expect(try daemon.command("raise") == "ended signal(15)")
        #expect(try daemon.waitForEnd() == 0)
        #expect(!daemon.isMounted)
      }
    }

    @Test("A signal ends the session amid notifications and listings")
    func signalAmidNotifications() throws {
      try withMountedDaemon { daemon throws in
        let path = daemon.mountPoint.appending("many").string
        let lister = Process()
        lister.executableURL = URL(fileURLWithPath: "/bin/sh")
        lister.arguments = ["-c", "while ls -l '\(path)' 2>/dev/null | grep -q file-0; do :; done"]
        try lister.start()
        #expect(try daemon.command("storm") == "storming")
        let lookups = try daemon.counts().lookups
        // The listings meet what the notifications have dropped.
        #expect(try eventually { try daemon.counts().lookups > lookups + 2 })
        #expect(try daemon.end(by: SIGTERM) == 0)
        #expect(!daemon.isMounted)
        #expect(try daemon.nextLine() == "ended signal(15)")
        lister.waitUntilExit()
      }
    }

    @Test("Notifications meet an unmount from outside without an error")
    func unmountAmidNotifications() throws {
      try withMountedDaemon { daemon throws in
        #expect(try daemon.command("storm") == "storming")
        let unmount = try Tool.run(["fusermount3", "-u", daemon.mountPoint.string])
        #expect(unmount.status == 0, "\(unmount)")
        #expect(try daemon.nextLine() == "ended unmounted")
        #expect(try daemon.waitForEnd() == 0)
      }
    }

    @Test("An unmount from outside ends with success")
    func unmount() throws {
      try withMountedDaemon { daemon throws in
        let unmount = try Tool.run(["fusermount3", "-u", daemon.mountPoint.string])
        #expect(unmount.status == 0, "\(unmount)")
        #expect(try daemon.nextLine() == "ended unmounted")
        #expect(try daemon.waitForEnd() == 0)
        #expect(!daemon.isMounted)
      }
    }

    @Test("A killed daemon leaves a mount that says so and can be removed")
    func kill() throws {
      try withMountedDaemon { daemon throws in
        #expect(try daemon.end(by: SIGKILL) == -SIGKILL)
        #expect(throws: Errno(rawValue: ENOTCONN)) { try daemon.mountPoint.status() }
        #expect(daemon.isMounted)
        let unmount = try Tool.run(["fusermount3", "-uz", daemon.mountPoint.string])
        #expect(unmount.status == 0, "\(unmount)")
        #expect(!daemon.isMounted)
        #expect(try daemon.mountPoint.status().type == .directory)
      }
    }

    @Test("A mount that cannot be is one clear line")
    func cannotMount() throws {
      let missing = "/proc/self/no-such-directory"
      let daemon = MountedDaemon.name
      let mount = try Tool.run([daemon, missing, "/dev/null", "plain", "copy", "ro"])
      #expect(mount.status == 1)
      #expect(mount.output.hasPrefix("error cannot mount at \(missing): "), "\(mount.output)")
      #expect(mount.output.contains("No such file or directory"))
      #expect(mount.output.split(separator: "\n").count == 1)
      let option = try Tool.run([daemon, "/mnt", "/dev/null", "plain", "copy", "nonsense"])
      #expect(option.status == 1)
      #expect("\(option)".contains("nonsense"), "\(option)")
    }
  }
}
