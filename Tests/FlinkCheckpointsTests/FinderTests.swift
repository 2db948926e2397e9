// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

@Suite struct FinderTests {
  private let uuid = "0bc14379-26b9-4154-9623-6a4d20c049e7"

  @Test(
    "any number of slashes after file: is the same path",
    arguments: ["file:/a/b", "file://a/b", "file:///a/b", "file:////a//b", "/a/b", "//a/./b"])
  func slashes(text: String) {
    #expect(RecordedPath(text) == .local(["a", "b"]))
  }

  @Test("what is no local path is told from one")
  func others() {
    #expect(RecordedPath("s3://bucket/k") == .remote(scheme: "s3", text: "s3://bucket/k"))
    #expect(
      RecordedPath("hdfs://nn:8020/x") == .remote(scheme: "hdfs", text: "hdfs://nn:8020/x"))
    for text in ["", "a/b", "file:", "file:/", "file:/a/../b", "/a/\u{0}"] {
      #expect(RecordedPath(text) == .invalid(text), "\(text)")
    }
  }

  @Test("files that were moved are found by the end of their path")
  func relocation() throws {
    let scratch = try ScratchDirectory()
    let root = try FileSystemCalls.resolve(scratch.path)
    let shared = try scratch.directory("shared")
    try shared.appending("x").write("bytes")
    var finder = FileFinder(root: root, mappings: [])
    #expect(finder.find("file:/gone/job/shared/x") == .file(root.appending("shared/x")))
    guard case .unreachable(let reason) = finder.find("file:/gone/job/shared/y") else {
      Issue.record("found")
      return
    }
    #expect(reason.contains("--map"))
  }

  @Test(
    "what lies below the root is preferred to what was recorded elsewhere, so a copy is shown from its own files"
  )
  func recorded() throws {
    let scratch = try ScratchDirectory()
    let original = try scratch.directory("original")
    let copy = try scratch.directory("copy")
    for directory in [original, copy] {
      try FileSystemCalls.makeDirectory(directory.appending("shared"))
      try directory.appending("shared/\(uuid)").write("bytes")
    }
    var finder = FileFinder(root: try FileSystemCalls.resolve(copy), mappings: [])
    let path = try FileSystemCalls.resolve(copy).appending("shared/\(uuid)")
    #expect(finder.find("file:\(original)/shared/\(uuid)") == .file(path))
    try FileSystemCalls.unlink(path)
    var second = FileFinder(root: try FileSystemCalls.resolve(copy), mappings: [])
    #expect(
      second.find("file:\(original)/shared/\(uuid)")
        == .file(try FileSystemCalls.resolve(original).appending("shared/\(uuid)")))
  }

  @Test("outside the root only what is named as Flink names files is believed")
  func forgery() throws {
    let scratch = try ScratchDirectory()
    let root = try FileSystemCalls.resolve(try scratch.directory("root"))
    let outside = try scratch.directory("outside")
    try outside.appending("shadow").write("secret")
    try FileSystemCalls.makeSymbolicLink(root.appending("shared"), to: outside)
    var finder = FileFinder(root: root, mappings: [])
    for path in ["/etc/passwd", "\(outside)/shadow", "/x/shared/shadow"] {
      guard case .unreachable = finder.find(path) else {
        Issue.record("\(path) is shown")
        return
      }
    }
  }

  @Test("--map says where files are, the longest match first")
  func mapping() throws {
    let mappings = try ["file:/a=/x", "/a/b/=/y", "s3://bucket/dir=/z"].map {
      try #require(PathMapping($0))
    }
    var finder = FileFinder(root: "/none", mappings: mappings)
    #expect(finder.find("file:///a/c") == .file("/x/c"))
    #expect(finder.find("/a/b/c") == .file("/y/c"))
    #expect(finder.find("s3://bucket/dir/k") == .file("/z/k"))
    guard case .unreachable(let reason) = finder.find("s3://bucket/directory/k") else {
      Issue.record("mapped")
      return
    }
    #expect(reason.contains("'s3:'"))
    #expect(PathMapping("a") == nil)
    #expect(PathMapping("=/b") == nil)
    #expect(PathMapping("/a=b") == nil)
  }
}
