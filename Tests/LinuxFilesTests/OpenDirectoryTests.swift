// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Security: a directory that is held open")
struct OpenDirectoryTests {
  let scratch: ScratchDirectory
  /// A tree with a file `sub/file`, and another that a link leads to, whose `file` nobody is to reach.
  let tree: FilePath
  let outside: FilePath

  init() throws {
    scratch = try ScratchDirectory()
    tree = try scratch.directory("tree")
    outside = try scratch.directory("outside")
    _ = try scratch.directory("tree/sub")
    try tree.appending("sub/file").write("inside")
    try outside.appending("file").write("outside")
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Puts a link to the other directory in the place of `path`.
  private func swap(_ path: FilePath) throws {
    try FileSystemCalls.rename(path, to: scratch.path.appending("moved"))
    try FileSystemCalls.makeSymbolicLink(path, to: outside)
  }

  @Test("what is done by a name in it is done in it, when a link has taken its place")
  func itself() throws {
    let directory = try OpenDirectory(tree)
    try swap(tree)
    #expect(try directory.names() == [bytes("sub")])
    try directory.appending(bytes("new")).makeDirectory(permissions: 0o755)
    #expect(try outside.names == ["file"])
    #expect(try scratch.path.appending("moved").names == ["new", "sub"])
    #expect(try directory.heldPath.appending("sub/file").read() == bytes("inside"))
    #expect(throws: FileError.self) { try OpenDirectory(tree) }
  }

  @Test("no link is followed on the way to a file below it, and what it leads to is not there")
  func below() throws {
    let directory = try OpenDirectory(tree)
    let file = directory.appending(bytes("sub/file"))
    #expect(try file.status()?.size == 6)
    try swap(tree.appending("sub"))
    #expect(try file.status() == nil)
    #expect(try FileStatus.ifPresent(at: [bytes("sub/file")], below: directory) == [nil])
    #expect(throws: FileError.self) { try file.open(.readOnly) }
    #expect(throws: FileError.self) { try file.unlink() }
    #expect(throws: FileError.self) {
      try file.link(as: FileLocation(scratch.path.appending("link")))
    }
    #expect(throws: FileError.self) {
      try directory.appending(bytes("sub/new")).open(
        .writeOnly, options: [.create], permissions: .ownerReadWrite)
    }
    #expect(throws: FileError.self) {
      try directory.appending(bytes("sub/new")).makeDirectory(permissions: 0o755)
    }
    #expect(throws: FileError.self) { try OpenDirectory(directory.appending(bytes("sub"))) }
    #expect(try outside.names == ["file"])
  }

  @Test("a tree is removed without what its links lead to")
  func removal() throws {
    try FileSystemCalls.makeSymbolicLink(tree.appending("sub/link"), to: outside)
    try FileSystemCalls.makeSymbolicLink(tree.appending("file"), to: outside.appending("file"))
    try FileSystemCalls.removeTree(tree)
    #expect(try !tree.exists)
    #expect(try outside.names == ["file"])
    try FileSystemCalls.makeSymbolicLink(tree, to: outside)
    try FileSystemCalls.removeTree(tree)
    #expect(try !tree.exists)
    #expect(try outside.names == ["file"])
  }

  @Test("statuses come in the order of the paths, from whatever directories")
  func many() throws {
    _ = try scratch.directory("tree/sub/deep")
    var paths: [[UInt8]] = []
    for index in 0..<1500 {
      let path = ["", "sub/", "sub/deep/"][index % 3] + "f\(index)"
      try tree.appending(path).write(String(repeating: "x", count: index % 7))
      paths.append(bytes(path))
    }
    paths.append(bytes("absent/file"))
    let statuses = try FileStatus.ifPresent(at: paths, below: try OpenDirectory(tree))
    #expect(statuses.count == 1501)
    #expect(statuses.dropLast().enumerated().allSatisfy { $1?.size == UInt64($0 % 7) })
    #expect(statuses.last == .some(nil))
  }

  @Test("a small file's reader neither waits for a pipe nor follows a link")
  func contents() throws {
    let (pipe, link) = (tree.appending("pipe"), tree.appending("link"))
    #expect(try Tool.run(["mkfifo", pipe.string]).status == 0)
    try FileSystemCalls.makeSymbolicLink(link, to: outside.appending("file"))
    for path in [pipe, link] {
      #expect(throws: FileError.self) { try FileSystemCalls.contents(of: path, limit: 100) }
    }
    #expect(throws: FileError.self) {
      try FileSystemCalls.write(link, options: [.create, .truncate]) { _ in }
    }
    #expect(throws: FileError.self) { _ = try FileLock(.exclusive, path: link) }
    #expect(try outside.appending("file").read() == bytes("outside"))
  }
}
