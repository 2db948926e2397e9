// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage
import TestSupport
import Testing

extension MountedTests {
  @Suite struct Listing {
    @Test("A listing has every entry once, in order, with the node that stat shows")
    func complete() throws {
      try withMountedDaemon { daemon throws in
        let path = daemon.mountPoint.appending("many")
        let entries = try DirectoryListing(path).rest()
        #expect(entries.count == 5002)
        let names = entries.map { String(decoding: $0.name, as: UTF8.self) }
        let expected = (0..<5000).map { "file-\(String($0 + 100_000).dropFirst())" }
        #expect(names == [".", ".."] + expected)
        for entry in [entries[2], entries[777], entries[5001]] {
          let status = try path.appending(String(decoding: entry.name, as: UTF8.self)).status()
          #expect(entry.node == status.inode.rawValue)
          #expect(entry.type == UInt8(DT_REG))
        }
        #expect(entries[0].node == (try path.status().inode.rawValue))
        #expect(entries[1].node == 1)
      }
    }

    @Test("A listing goes on where it was told to, forwards and backwards")
    func seeks() throws {
      try withMountedDaemon { daemon throws in
        let path = daemon.mountPoint.appending("many")
        let all = try DirectoryListing(path).rest()
        let listing = try DirectoryListing(path)
        for index in stride(from: 4990, through: 0, by: -499) {
          listing.seek(to: all[index].position)
          #expect(try listing.next() == all[index + 1])
        }
        listing.seek(to: all[4321].position)
        #expect(try listing.rest() == Array(all[4322...]))
        listing.seek(to: 0)
        #expect(try listing.rest() == all)
      }
    }

    @Test("Names are bytes: not UTF-8, with a newline, a blank, or 255 bytes long")
    func oddNames() throws {
      try withMountedDaemon { daemon throws in
        let directory = daemon.mountPoint.appending("odd")
        let names = try DirectoryListing(directory).rest().map(\.name).dropFirst(2)
        #expect(
          Set(names) == [
            [0xff, 0xfe, 0x80], Array("new\nline".utf8), Array("ünïcode".utf8), [0x20],
            Array(repeating: 0xc3, count: 255),
          ])
        for name in names {
          let component = name.map { CChar(bitPattern: $0) } + [0]
          let path = directory.appending(FilePath(platformString: component).components)
          #expect(try path.status().linkCount == 5)
        }
      }
    }

    @Test("A listing brings the attributes along: stat after it is no lookup")
    func attributesComeAlong() throws {
      try withMountedDaemon { daemon throws in
        let path = daemon.mountPoint.appending("many")
        _ = try path.status()
        let before = try daemon.counts().lookups
        let listing = try DirectoryListing(path)
        while let entry = try listing.next() {
          let status = try path.appending(String(decoding: entry.name, as: UTF8.self)).status()
          #expect(status.inode.rawValue == entry.node)
        }
        #expect(try daemon.counts().lookups - before < 100)
      }
    }

    @Test("Tools see the tree: find, ls, cp -a")
    func tools() throws {
      try withMountedDaemon { daemon throws in
        let found = try Tool.run(["find", daemon.mountPoint.string, "-type", "f", "-printf", "x"])
        #expect(found.status == 0)
        #expect(found.output.count == 5011)
        let copy = daemon.directory.appending("copy").string
        let copied = try Tool.run(["cp", "-a", daemon.mountPoint.string, copy])
        #expect(copied.status == 0, "\(copied)")
        let compared = try Tool.run([
          "diff", "-r", "--no-dereference", daemon.mountPoint.string, copy,
        ])
        #expect(compared.status == 0, "\(compared)")
        let big = try FilePath(copy).appending("big").status()
        #expect(big.linkCount == 2, "cp -a keeps the hard link")
      }
    }
  }
}
