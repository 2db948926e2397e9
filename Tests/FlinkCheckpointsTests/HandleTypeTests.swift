// SPDX-License-Identifier: Apache-2.0

import FlinkWriting
import Testing

@testable import FlinkMetadata

/// Handles that no sample has, written by hand after the format.
@Suite struct HandleTypeTests {
  private func keyed(_ bytes: [UInt8]) throws -> KeyedStateHandle? {
    let metadata = try CheckpointMetadata(reading: bytes)
    guard case .state(let state) = metadata.operators.first?.subtasks.first?.state else {
      return nil
    }
    return state.managedKeyed
  }

  @Test("handle types are understood in every version", arguments: MetadataVersion.allCases)
  func versions(version: MetadataVersion) throws {
    let bytes = MetadataBuilder.keyed(version: version.rawValue) { builder in
      builder.byte(11)
      builder.long(4)
      builder.text("backend")
      builder.keyGroups(0, 128)
      builder.long(-1)
      builder.inline("meta", [1, 2, 3])
      builder.int(1)
      builder.text("000012.sst")
      builder.file("s3://bucket/key", size: 99)
      builder.int(1)
      builder.text("CURRENT")
      builder.inline("current", [4])
      builder.text("handle")
    }
    let metadata = try CheckpointMetadata(reading: bytes)
    #expect(metadata.version == version)
    #expect(metadata.checkpoint == 7)
    guard case .incremental(let state) = try keyed(bytes) else {
      Issue.record("no incremental state")
      return
    }
    #expect(state.checkpointedSize == nil)
    #expect(state.keyGroups.description == "0-127")
    #expect(
      state.shared == [
        NamedFile(name: "000012.sst", handle: .file(StateFile(path: "s3://bucket/key", size: 99)))
      ])
    #expect(state.own.first?.handle.size == 1)
    guard case .inline(let meta) = state.meta else {
      Issue.record("no inline meta")
      return
    }
    #expect(bytes[Int(meta.content.offset)...].prefix(3) == [1, 2, 3])
  }

  @Test("an incremental state of the first form has neither size nor id")
  func firstIncremental() throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(5)
      builder.long(4)
      builder.text("backend")
      builder.keyGroups(5, 1)
      builder.file("meta", size: 3)
      builder.int(0)
      builder.int(0)
    }
    guard case .incremental(let state) = try keyed(bytes) else {
      Issue.record("no incremental state")
      return
    }
    #expect(state.handleID == nil)
    #expect(state.checkpointedSize == nil)
    #expect(state.keyGroups.description == "5-5")
  }

  @Test("key groups come in three forms", arguments: [3, 7, 12] as [UInt8])
  func keyGroups(type: UInt8) throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(type)
      builder.keyGroups(2, 2)
      builder.long(17)
      builder.long(-1)
      builder.file("all", size: 30)
      if type == 12 { builder.text("id") }
    }
    guard case .keyGroups(let state) = try keyed(bytes) else {
      Issue.record("no key groups")
      return
    }
    #expect(state.isSavepoint == (type == 7))
    #expect(state.handleID == (type == 12 ? "id" : nil))
    #expect(try state.offsets.load(from: bytes) == [17, -1])
    #expect(state.delegate == .file(StateFile(path: "all", size: 30)))
  }

  @Test("a changelog of the first form takes its materialisation for its checkpoint")
  func firstChangelog() throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(8)
      builder.keyGroups(0, 1)
      builder.long(10)
      builder.int(0)
      builder.int(2)
      builder.byte(9)
      builder.keyGroups(0, 1)
      builder.long(3)
      builder.long(5)
      builder.int(2)
      builder.int(-1)
      builder.data([1])
      builder.int(0)
      builder.data([2, 3])
      builder.text("in memory")
      builder.byte(10)
      builder.keyGroups(0, 1)
      builder.int(1)
      builder.long(40)
      builder.file("changes", size: 50)
      builder.long(9)
      builder.long(8)
      builder.text("files")
      builder.long(6)
      builder.text("changelog")
    }
    guard case .changelog(let state) = try keyed(bytes) else {
      Issue.record("no changelog")
      return
    }
    #expect(state.materialisation == 6)
    #expect(state.checkpoint == 6)
    guard case .changelogInMemory(let inline)? = state.changes.first,
      case .changelogFiles(let files)? = state.changes.last
    else {
      Issue.record("no changes")
      return
    }
    #expect(inline.count == 2)
    #expect(inline.content.count == 19)
    #expect(files.storage == "filesystem")
    #expect(files.parts.map(\.offset) == [40])
  }

  @Test("a delegate of the first releases has key groups of its own")
  func nestedStream() throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(3)
      builder.keyGroups(0, 0)
      builder.byte(3)
      builder.keyGroups(0, 1)
      builder.long(4)
      builder.file("old", size: 8)
    }
    guard case .keyGroups(let state) = try keyed(bytes),
      case .keyGroups(let keyGroups, let offsets, let delegate) = state.delegate
    else {
      Issue.record("no nested handle")
      return
    }
    #expect(state.keyGroups.description == "none")
    #expect(keyGroups.count == 1)
    #expect(offsets.count == 1)
    #expect(delegate.size == 8)
  }

  @Test("a relative file has its path before its size")
  func relative() throws {
    let bytes = MetadataBuilder.keyed { builder in
      builder.byte(3)
      builder.keyGroups(0, 0)
      builder.byte(6)
      builder.text("beside")
      builder.long(12)
    }
    guard case .keyGroups(let state) = try keyed(bytes) else {
      Issue.record("no key groups")
      return
    }
    #expect(state.delegate == .relativeFile(RelativeStateFile(path: "beside", size: 12)))
  }
}
