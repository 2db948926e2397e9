// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  @Suite struct Reading {
    // The Glibc module leaves it out.
    #if arch(arm64)
      private static let direct: Int32 = 0o200000
    #else
      private static let direct: Int32 = 0o40000
    #endif

    private func withFile<Result>(
      _ name: String, in daemon: MountedDaemon, flags: Int32 = 0,
      _ body: (FileDescriptor) throws -> Result
    ) throws -> Result {
      let options = FileDescriptor.OpenOptions(rawValue: flags)
      let path = daemon.mountPoint.appending(name)
      let file = try FileDescriptor.open(path, .readOnly, options: options)
      return try file.closeAfter { try body(file) }
    }

    @Test(
      "Reads at any offset give the file's bytes, copied or spliced",
      arguments: ["copy", "splice", "passthrough"])
    func offsets(transfer: String) throws {
      try withMountedDaemon(transfer: transfer) { daemon throws in
        let content = daemon.bigContent
        try withFile("big", in: daemon) { file throws in
          for offset in [0, 1, 4095, 131_071, 1_000_000, content.count - 10, content.count] {
            let bytes = try read(file, at: Int64(offset), count: 200_001)
            #expect(bytes == Array(content[offset...].prefix(200_001)), "at \(offset)")
          }
          #expect(try read(file, at: Int64(content.count) + 5000, count: 10).isEmpty)
        }
      }
    }

    @Test(
      "Direct reads give the file's bytes, copied or spliced",
      arguments: ["copy", "splice", "passthrough"])
    func direct(transfer: String) throws {
      try withMountedDaemon(transfer: transfer) { daemon throws in
        try withFile("big", in: daemon, flags: Self.direct) { file throws in
          let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 4096)
          defer { unsafe buffer.deallocate() }
          for offset in [0, 4096 * 3, 4096 * 700] {
            let count = try unsafe file.read(fromAbsoluteOffset: Int64(offset), into: buffer)
            let expected = daemon.bigContent[offset...].prefix(262_144)
            #expect(count == expected.count)
            #expect(unsafe Array(buffer[..<count]) == Array(expected), "at \(offset)")
          }
        }
      }
    }

    @Test("A mapped file shows the file's bytes")
    func mapping() throws {
      try withMountedDaemon { daemon throws in
        try withFile("big-link", in: daemon) { file throws in
          let count = daemon.bigContent.count
          let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, file.rawValue, 0)
          try #require(unsafe address != MAP_FAILED)
          defer { unsafe munmap(address, count) }
          let mapped = unsafe UnsafeRawBufferPointer(start: address, count: count)
          #expect(unsafe mapped.elementsEqual(daemon.bigContent))
        }
      }
    }

    @Test("Files from memory are read, in part and as a whole", arguments: ["small", "direct"])
    func memory(name: String) throws {
      try withMountedDaemon { daemon throws in
        let content = Array("small, and served from memory\n".utf8)
        try withFile(name, in: daemon) { file throws in
          #expect(try read(file, at: 0, count: 4096) == content)
          #expect(try read(file, at: 7, count: 3) == Array("and".utf8))
          #expect(try read(file, at: 30, count: 10).isEmpty)
        }
      }
    }

    @Test("Pages are kept from open to open, so that a file is read once")
    func cache() throws {
      try withMountedDaemon { daemon throws in
        func readAll() throws {
          let bytes = try withFile("big", in: daemon) {
            try read($0, at: 0, count: daemon.bigContent.count)
          }
          #expect(bytes == daemon.bigContent)
        }
        try readAll()
        let before = try daemon.counts().reads
        #expect(before > 0)
        try readAll()
        #expect(try daemon.counts().reads == before)
      }
    }

    @Test("Eight threads read at the same time")
    func threads() throws {
      try withMountedDaemon { daemon throws in
        let content = daemon.bigContent
        let failures = Atomic<Int>(0)
        try withFile("big", in: daemon) { file throws in
          DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for offset in stride(from: thread * 50_000, to: content.count, by: 400_000) {
              let bytes = try? read(file, at: Int64(offset), count: 50_000)
              if bytes != Array(content[offset...].prefix(50_000)) {
                failures.add(1, ordering: .relaxed)
              }
            }
          }
        }
        #expect(failures.load(ordering: .relaxed) == 0)
      }
    }

    @Test("Each open is released")
    func release() throws {
      try withMountedDaemon { daemon throws in
        try withFile("big", in: daemon) { _ throws in
          try withFile("direct", in: daemon) { _ throws in
            #expect(try daemon.counts().openHandles == 2)
          }
        }
        #expect(try eventually { try daemon.counts().openHandles == 0 })
      }
    }
  }
}
