// SPDX-License-Identifier: Apache-2.0

import FlinkWriting
import Testing

@testable import FlinkMetadata

/// Operators, subtasks and channels that no sample has.
@Suite struct OperatorTests {
  @Test("an operator that has ended has no subtasks", arguments: [-1, -7] as [Int32])
  func finishedOperator(count: Int32) throws {
    var builder = MetadataBuilder(version: 3)
    builder.int(1)
    builder.operatorHeader(version: 3, parallelism: 4)
    builder.byte(0)
    builder.int(count)
    let state = try #require(try CheckpointMetadata(reading: builder.bytes).operators.first)
    #expect(state.header.isFinished)
    #expect(state.subtasks.isEmpty)
    #expect(state.header.parallelism == 4)
    #expect(state.header.id.description == "00000000000000010000000000000002")
  }

  @Test("subtasks that have ended are told by a negative index")
  func finishedSubtasks() throws {
    var builder = MetadataBuilder(version: 3)
    builder.int(1)
    builder.operatorHeader(version: 3, parallelism: 3)
    builder.inline("coordinator", [7, 8])
    builder.int(3)
    builder.int(-1)
    builder.subtask(1, version: 3) { builder in
      builder.int(0)
      builder.int(0)
      builder.byte(0)
      builder.byte(0)
    }
    builder.int(-3)
    let state = try #require(try CheckpointMetadata(reading: builder.bytes).operators.first)
    #expect(state.subtasks.map(\.index) == [0, 1, 2])
    #expect(state.subtasks.map { $0.state == .finished } == [true, false, true])
    #expect(state.header.coordinator?.name == "coordinator")
    #expect(state.header.coordinator?.content.count == 2)
  }

  @Test("names may hold any character")
  func names() throws {
    let name = "a/b \u{0} ü € 😀"
    var builder = MetadataBuilder(version: 5)
    builder.int(1)
    builder.operatorHeader(version: 5, name: name, uid: "")
    builder.byte(0)
    builder.int(0)
    builder.finish(version: 5)
    let header = try #require(try CheckpointMetadata(reading: builder.bytes).operators.first).header
    #expect(header.name == name)
    #expect(header.uid == nil)
  }

  @Test("master states are kept as ranges")
  func masterStates() throws {
    var builder = MetadataBuilder(version: 3, masterStates: 1)
    builder.integer(0xC96B_1696 as UInt32)
    builder.int(4 + 6 + 4 + 3)
    builder.int(1)
    builder.text("hook")
    builder.data([1, 2, 3])
    builder.int(0)
    let states = try CheckpointMetadata(reading: builder.bytes).masterStates
    #expect(states.map(\.name) == ["hook"])
    #expect(states.map(\.content.count) == [3])
  }

  @Test("a subtask may refer to an older checkpoint since version 7")
  func referencedCheckpoint() throws {
    var builder = MetadataBuilder(version: 7)
    builder.int(1)
    builder.operatorHeader(version: 7)
    builder.byte(0)
    builder.int(1)
    builder.int(1)
    builder.int(0)
    builder.int(0)
    builder.byte(0)
    builder.byte(0)
    builder.int(0)
    builder.int(0)
    builder.byte(1)
    builder.long(5)
    builder.finish(version: 7)
    let metadata = try CheckpointMetadata(reading: builder.bytes)
    guard case .state(let state) = metadata.operators.first?.subtasks.first?.state else {
      Issue.record("no state")
      return
    }
    #expect(state.referencedCheckpoint == 5)
  }

  @Test("channels in flight are told one by one, and merged since version 6", arguments: [3, 6])
  func channels(version: Int32) throws {
    var builder = MetadataBuilder(version: version)
    builder.int(1)
    builder.operatorHeader(version: version)
    builder.byte(0)
    builder.int(1)
    builder.int(0)
    builder.int(0)
    builder.int(0)
    builder.byte(0)
    builder.byte(0)
    builder.int(1)
    if version >= 6 { builder.byte(1) }
    for number in 1...3 as ClosedRange<Int32> { builder.int(number) }
    builder.longs([0, 16])
    builder.long(32)
    builder.file("in flight", size: 64)
    builder.int(1)
    if version >= 6 {
      builder.byte(4)
      builder.int(1)
      builder.long(48)
      builder.file("in flight", size: 64)
      builder.data([9, 9])
    } else {
      for number in 1...3 as ClosedRange<Int32> { builder.int(number) }
      builder.longs([])
      builder.long(0)
      builder.file("in flight", size: 64)
    }
    builder.finish(version: version)
    let metadata = try CheckpointMetadata(reading: builder.bytes)
    guard case .state(let state) = metadata.operators.first?.subtasks.first?.state,
      case .single(let input)? = state.inputChannels.first, let output = state.outputChannels.first
    else {
      Issue.record("no channels")
      return
    }
    #expect([input.subtask, input.gate, input.channel] == [1, 2, 3])
    #expect(try input.offsets.load(from: builder.bytes) == [0, 16])
    #expect(input.delegate == output.delegate)
    if case .merged(let merged) = output {
      #expect(merged.size == 48)
      #expect(merged.directory.count == 2)
    } else {
      #expect(version < 6)
    }
  }

  @Test("operator state in merged files names its directories")
  func mergedOperatorState() throws {
    var builder = MetadataBuilder(version: 3)
    builder.int(1)
    builder.operatorHeader(version: 3)
    builder.byte(0)
    builder.int(1)
    builder.subtask(0, version: 3) { builder in
      builder.int(1)
      builder.byte(17)
      builder.int(1)
      builder.text("offsets")
      builder.byte(1)
      builder.longs([3, 4])
      builder.text("task-owned")
      builder.text("shared")
      builder.byte(0)
      builder.byte(15)
      builder.long(100)
      builder.long(20)
      builder.int(1)
      builder.text("file:/merged")
      builder.text("logical")
      builder.int(0)
      builder.byte(0)
      builder.byte(0)
    }
    let metadata = try CheckpointMetadata(reading: builder.bytes)
    guard case .state(let state) = metadata.operators.first?.subtasks.first?.state else {
      Issue.record("no state")
      return
    }
    let handle = try #require(state.managedOperator)
    #expect(handle.merging?.sharedDirectory == "shared")
    #expect(handle.states.map(\.distribution) == [.union])
    #expect(
      handle.delegate
        == .segment(
          FileSegment(
            path: "file:/merged", start: 100, size: 20, scope: .shared, logicalFile: "logical")))
  }
}
