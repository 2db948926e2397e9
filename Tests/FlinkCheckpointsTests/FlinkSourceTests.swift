// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints

@Suite struct FlinkSourceTests {
  @Test("all checkpoints of a sample are shown, each file once", arguments: Sample.all)
  func counts(sample: Sample) throws {
    let tree = try SampleTree(sample)
    let source = try FlinkSource(tree.path)
    #expect(try source.damaged.isEmpty)
    let all = try source.all()
    #expect(try all.count == sample.checkpoints().count)
    var sizes: [SharedInode: UInt64] = [:]
    var seen: [SharedInode: Int64] = [:]
    var links: [SharedInode: Int64] = [:]
    for (_, checkpoint) in all {
      var inodes: Set<SharedInode> = []
      for record in try source.walk(checkpoint.id) {
        guard case .shared(let content) = record.entry.kind else { continue }
        inodes.insert(SharedInode(content.digest))
        sizes[SharedInode(content.digest)] = content.size
        links[SharedInode(content.digest)] = record.references
      }
      for inode in inodes { seen[inode, default: 0] += 1 }
    }
    #expect(links == seen)
    guard !sample.name.contains("filemerging") else { return }
    // Without segments a file is an inode; one of changes may be a byte longer than was recorded.
    let used = tree.files.filter { $0.references > 0 }
    #expect(sizes.count == used.count)
    #expect(seen.values.sorted() == used.map(\.references).sorted())
    let isChangelog = sample.name.contains("changelog")
    let recorded = sizes.values.map(Int64.init).sorted()
    #expect(
      zip(recorded, used.map(\.size).sorted()).allSatisfy {
        $0 == $1 || isChangelog && $0 + 1 == $1
      })
  }

  @Test("names, numbers and attributes are the same after a remount")
  func durability() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-operator-state"))
    let first = try FlinkSource(tree.path)
    let second = try FlinkSource(tree.path)
    let all = try first.all()
    #expect(try all.map(\.history) == second.all().map(\.history))
    #expect(try all.map(\.checkpoint) == second.all().map(\.checkpoint))
    for (_, checkpoint) in all {
      #expect(try first.walk(checkpoint.id) == second.walk(checkpoint.id))
    }
  }

  @Test("an entry is found by its path and by its number")
  func lookup() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-changelog"))
    let source = try FlinkSource(tree.path)
    for (history, checkpoint) in try source.all() {
      #expect(try source.history(named: history.name)?.id == history.id)
      #expect(try source.history(history.id) == history)
      #expect(try source.checkpoint(checkpoint.number, of: history.id) == checkpoint)
      #expect(try source.checkpoint(checkpoint.id) == checkpoint)
      for record in try source.walk(checkpoint.id) {
        #expect(try source.entry(at: record.entry.path, of: checkpoint.id) == record)
        #expect(try source.entry(record.ordinal, of: checkpoint.id) == record)
        if case .shared(let content) = record.entry.kind {
          let shared = try #require(try source.sharedFile(SharedInode(content.digest)))
          #expect(shared.content == content)
          #expect(shared.references == record.references)
        }
      }
      let latest = try source.latestCheckpoint(of: history.id)
      #expect(try #require(latest).number >= checkpoint.number)
    }
  }

  @Test("metadata is shown as it is, and as text")
  func metadata() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-inline"))
    let source = try FlinkSource(tree.path)
    let (history, checkpoint) = try #require(try source.all().first)
    let path = tree.path.appending("checkpoints/\(history.name)/chk-\(checkpoint.number.rawValue)")
    let metadata = try #require(try source.entry(at: EntryPath("_metadata"), of: checkpoint.id))
    #expect(try source.read(metadata) == path.appending("_metadata").read())
    let json = try #require(try source.entry(at: EntryPath("metadata.json"), of: checkpoint.id))
    let text = try #require(try source.read(json))
    #expect(UInt64(text.count) == json.entry.content?.size)
    #expect(String(decoding: text, as: UTF8.self).contains("\"uid\" : \"profile-op\""))
    #expect(text.last == UInt8(ascii: "\n"))
  }

  @Test("what is all of a file is opened as that, so that the kernel can read it; parts are not")
  func wholeFiles() throws {
    for (name, isWhole) in [
      ("flink-2.3.0-incremental", true), ("flink-2.3.0-filemerging-across-true", false),
    ] {
      let tree = try SampleTree(Sample(name: name))
      let source = try FlinkSource(tree.path)
      #expect(try source.sampleFile() != nil)
      let job = try #require(try source.all().first { $0.checkpoint.number.rawValue < 8 })
      let files = try source.walk(job.checkpoint.id)
      let tables = files.filter { $0.entry.path.name.suffix(4) == Array(".sst".utf8)[...] }
      #expect(!tables.isEmpty)
      for record in tables {
        let content = try #require(record.entry.content)
        #expect(try source.open(content.digest)?.isWhole == isWhole, "\(record.entry.path)")
      }
      let metadata = try #require(files.first { $0.entry.path.text == "_metadata" }?.entry.content)
      #expect(try source.open(metadata.digest)?.isWhole == false)
    }
  }

  @Test("operators are also found by name and uid")
  func links() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-incremental"))
    let source = try FlinkSource(tree.path)
    let (_, checkpoint) = try #require(try source.all().first)
    let targets = try ["by-name/User profile", "by-uid/profile-op"].map { path in
      try source.entry(at: EntryPath(path), of: checkpoint.id)?.entry.kind
    }
    let target = Array("../eb62da86593154933fe4085e2e81db2d".utf8)
    #expect(targets == [.link(target: target), .link(target: target)])
  }

  @Test("one checkpoint is shown with what it shares, which lies beside it")
  func oneCheckpoint() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-incremental"))
    let job = "4aa32f29c52d633e0fc1ad390ad5c569"
    let source = try FlinkSource(tree.path.appending("checkpoints/\(job)/chk-2"))
    let all = try source.all()
    #expect(all.map(\.history.name.rawValue) == [job])
    #expect(all.map(\.checkpoint.number.rawValue) == [2])
    for record in try source.walk(#require(all.first).checkpoint.id) {
      if record.entry.content != nil { #expect(try source.read(record) != nil) }
    }
  }

  @Test("a savepoint is a history of its own")
  func savepoint() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-operator-state"))
    let path = tree.path.appending("savepoints/native/savepoint-10414a-6222aadddde6")
    for shown in [path, path.removingLastComponent()] {
      let all = try FlinkSource(shown).all()
      #expect(all.map(\.history.name.rawValue) == ["savepoint-10414a-6222aadddde6"])
      #expect(all.map(\.checkpoint.number.rawValue) == [8])
    }
  }

  @Test("nothing is written: the tree is the same after everything was read")
  func unchanged() throws {
    let tree = try SampleTree(Sample(name: "flink-2.3.0-filemerging-across-true"))
    func statuses() throws -> [FilePath: FileStatus] {
      var found: [FilePath: FileStatus] = [:]
      var directories = [tree.path]
      while let directory = directories.popLast() {
        for name in try directory.names {
          let path = directory.appending(name)
          found[path] = try path.status
          if found[path]?.kind == .directory { directories.append(path) }
        }
      }
      return found
    }
    let before = try statuses()
    let source = try FlinkSource(tree.path)
    for (_, checkpoint) in try source.all() {
      for record in try source.walk(checkpoint.id) { _ = try source.read(record) }
    }
    #expect(try statuses() == before)
  }

  @Test("a directory that is not there is unavailable")
  func absent() throws {
    let scratch = try ScratchDirectory()
    #expect(throws: SourceError.self) { try FlinkSource(scratch.path.appending("absent")) }
    #expect(try FlinkSource(scratch.path).all().isEmpty)
  }
}
