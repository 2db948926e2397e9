// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Commands that look")
struct LookingTests {
  @Test("ls lists histories, checkpoints and files, for readers and for scripts")
  func list() throws {
    let sample = try Sample()
    try sample.succeed("tag", "orders/chk-1", "before-upgrade")
    let histories = try sample.run("ls").output.split(separator: "\n")
    #expect(histories.count == 2 && histories.last?.hasPrefix("orders ") == true)
    let checkpoints = try sample.run("ls", "orders").output.split(separator: "\n")
    #expect(
      checkpoints.first?.split(separator: " ").map(String.init)
        == ["CHECKPOINT", "COMPLETED", "FILES", "FULL", "NEW", "UNIQUE", "TAGS"])
    #expect(checkpoints.count == 3 && checkpoints[1].hasSuffix("  before-upgrade"))
    let shape = try sample.run("ls", "--json").decoded(as: HistoryList.self)
    let found = try #require(shape.histories.first)
    #expect(found.name == "orders" && found.checkpoints.map(\.number) == [1, 2])
    #expect(found.checkpoints.map(\.tags) == [["before-upgrade"], []])
    #expect(found.checkpoints[0].newBytes == found.checkpoints[0].fullBytes)
    let times = found.checkpoints.map(\.completedAt)
    #expect(times[0] < times[1] && times.allSatisfy { $0.count == 30 && $0.hasSuffix("Z") })
  }

  @Test("ls of a checkpoint gives each file with its size, digest and references")
  func entries() throws {
    let sample = try Sample()
    let shape = try sample.run("ls", "orders/latest", "--json").decoded(as: EntryList.self)
    let shared = shape.entries.filter { $0.references == 2 }
    #expect(shared.contains { $0.path.text.hasSuffix(".sst") })
    #expect(shape.entries.contains { $0.path.text == "CURRENT" })
    #expect(shape.entries.allSatisfy { $0.digest.count == 64 })
    let lines = try sample.run("ls", "orders/chk-2").output.split(separator: "\n")
    #expect(lines.count == shape.entries.count + 1 && lines[0].hasSuffix("DIGEST        PATH"))
  }

  @Test("A path that is no UTF-8 is written in base64 in JSON, and escaped for readers")
  func oddPaths() throws {
    let sample = try Sample(committing: false)
    let made = try Program.shell("touch cp-1/$'odd\\xff'", in: sample.path)
    #expect(made.status == 0)
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    let shape = try sample.run("ls", "orders/chk-1", "--json").decoded(as: EntryList.self)
    #expect(shape.entries.contains { $0.path.bytes == Array("odd".utf8) + [0xff] })
    #expect(try sample.run("ls", "orders/chk-1").output.contains("  odd%ff\n"))
  }

  @Test("show explains its numbers, and diff marks what is kept, added and removed")
  func showAndDifference() throws {
    let sample = try Sample()
    let show = try sample.run("show", "orders/latest").output
    #expect(show.hasPrefix("checkpoint  orders/chk-2\n"))
    #expect(show.contains("\nfull: all its files together; new: "))
    let difference = try sample.run("diff", "orders/chk-1", "orders/chk-2").output
    let marks = Set(difference.split(separator: "\n").dropFirst(2).dropLast().map { $0.prefix(1) })
    #expect(marks.isSuperset(of: ["=", "+"]))
    #expect(difference.split(separator: "\n").last?.hasPrefix("shared ") == true)
    let json = try sample.run("diff", "orders/chk-1", "orders/chk-2", "--json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "from", "to", "added", "removed", "changed", "kept", "sharedBytes", "addedBytes",
        "removedBytes", "addedDirectories", "removedDirectories",
      ])
  }

  @Test(
    "Directories are no files: JSON has them under keys of their own, and no count includes them")
  func directories() throws {
    struct Listing: Decodable {
      let entries: [ListedEntry]
      let directories: [ListedPath]
    }
    let sample = try Sample()
    #expect(
      try Program.shell(
        "mkdir -p cp-2/a/$'odd\\xff' && echo 1 > cp-2/a/file", in: sample.path
      ).status == 0)
    try sample.succeed("commit", sample.second.string, "--history", "orders")
    let listing = try sample.run("ls", "orders/latest", "--json").decoded(as: Listing.self)
    #expect(listing.directories.map(\.bytes) == [Array("a".utf8), Array("a/odd".utf8) + [0xff]])
    #expect(listing.entries.contains { $0.path.text == "a/file" })
    let shown = try sample.run("show", "orders/latest").output
    #expect(shown.contains("files       \(listing.entries.count)\n"))
    let difference = try sample.run("diff", "orders/chk-2", "orders/latest", "--json")
    let object = try difference.decoded(as: Changes.self)
    #expect(object.added.map(\.path.text) == ["a/file"])
    #expect(object.kept.count == listing.entries.count - 1)
    #expect(object.addedDirectories.count == 2 && object.removedDirectories.isEmpty)
  }

  @Test("A file in a directory's place is one removed and one added")
  func fileInPlaceOfDirectory() throws {
    let sample = try Sample()
    #expect(try Program.shell("mkdir cp-1/a; echo 1 > cp-2/a", in: sample.path).status == 0)
    try sample.succeed("commit", sample.first.string, "--history", "mixed")
    try sample.succeed("commit", sample.second.string, "--history", "mixed")
    let changes = try sample.run("diff", "mixed/chk-1", "mixed/chk-2", "--json")
      .decoded(as: Changes.self)
    #expect(changes.added.contains { $0.path.text == "a" })
    #expect(changes.removedDirectories.map(\.text) == ["a"])
  }

  @Test("stats counts each content once, and all checkpoints in full")
  func statistics() throws {
    let sample = try Sample()
    let shape = try sample.run("stats", "--json").decoded(as: Statistics.self)
    #expect(shape.histories == 1 && shape.checkpoints == 2 && shape.unreferencedBlobs == 0)
    #expect(shape.blobs > 0 && shape.blobBytes < shape.logicalBytes && shape.unreferencedBytes == 0)
    #expect(try sample.run("stats").output.contains("stored "))
  }

  @Test("A reader that has seen enough is no failure", arguments: ["", "trap '' PIPE; "])
  func brokenPipe(_ prelude: String) throws {
    let sample = try Sample()
    let outcome = try Program.shell(
      prelude + "$CKPTFS ls orders/chk-1 --json | true; echo ${PIPESTATUS[0]}",
      store: sample.store)
    #expect(outcome.output == "0\n" && outcome.errors.isEmpty)
  }
}

/// What `diff --json` tells.
private struct Changes: Decodable {
  struct File: Decodable {
    let path: ListedPath
    let size: Int
  }

  let added: [File]
  let kept: [File]
  let addedDirectories: [ListedPath]
  let removedDirectories: [ListedPath]
}
