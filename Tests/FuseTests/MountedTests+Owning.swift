// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Fuse

extension MountedTests {
  /// Mounts of this process, which never touches them: it would hang.
  @Suite struct Owning {
    private func withMountPoint(_ body: (FilePath) throws -> Void) throws {
      let directory = FileManager.default.temporaryDirectory.appendingPathComponent("own-\(UUID())")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let path = FilePath(directory.path)
      defer {
        if Self.isMounted(path) { _ = try? Tool.run(["fusermount3", "-uz", path.string]) }
        unsafe rmdir(path.string)
      }
      try body(path)
    }

    private static func isMounted(_ path: FilePath) -> Bool {
      let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
      return mounts.contains(" \(path) ")
    }

    private func makeSession() throws(FuseError) -> Session {
      try Session(
        fileSystem: FailingFileSystem(error: .ioError), mountOptions: ["ro", "fsname=a,b\\c"]
      ) { _, _ in }
    }

    @Test("A session that is dropped before it ran unmounts, and its notifier does nothing")
    func dropped() throws {
      try withMountPoint { path throws in
        func mountAndDrop() throws -> Notifier {
          var session = try makeSession()
          try session.mount(at: path)
          #expect(Self.isMounted(path))
          return session.notifier
        }
        let notifier = try mountAndDrop()
        #expect(!Self.isMounted(path))
        try notifier.invalidateNode(.root)
        try notifier.invalidateEntry(parent: .root, name: [0x61])
      }
    }

    @Test("A process has one session at a time that handles its signals")
    func second() throws {
      try withMountPoint { path throws in
        var first = try makeSession()
        try first.mount(at: path)
        #expect {
          var second = try makeSession()
          try second.mount(at: "/proc/self/no-such-directory")
        } throws: { error in
          (error as? FuseError)?.code == .sessionExists
        }
        #expect(Self.isMounted(path))
        _ = consume first
        #expect(!Self.isMounted(path))
        var third = try makeSession()
        try third.mount(at: path)
      }
    }

    @Test("A comma and a backslash are part of an option's value")
    func escapedOptions() throws {
      try withMountPoint { path throws in
        var session = try makeSession()
        try session.mount(at: path)
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        // The kernel shows a backslash in octal.
        #expect(mounts.contains("a,b\\134c \(path) fuse ro"))
      }
    }
  }
}
