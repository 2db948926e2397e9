// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FlinkMetadata

@Suite struct MetadataReaderTests {
  @Test("every handle of a real checkpoint is what Flink's own loader says", arguments: Sample.all)
  func samples(sample: Sample) throws {
    let checkpoints = try sample.checkpoints()
    #expect(!checkpoints.isEmpty)
    for checkpoint in checkpoints {
      let bytes = try sample.metadata(of: checkpoint)
      let metadata = try CheckpointMetadata(reading: bytes)
      #expect(
        try metadata.described(from: bytes) == sample.handles(of: checkpoint), "\(checkpoint)")
    }
  }

  @Test("a file on disk reads like its bytes in memory")
  func file() throws {
    let sample = Sample(name: "flink-2.3.0-inline")
    for checkpoint in try sample.checkpoints() {
      let file = try MetadataFile(sample.path("data/\(checkpoint)/_metadata"))
      let bytes = try sample.metadata(of: checkpoint)
      #expect(try CheckpointMetadata(reading: file) == CheckpointMetadata(reading: bytes))
    }
  }

  @Test("subtasks that nobody asks for are read over")
  func skipping() throws {
    let sample = Sample(name: "flink-2.3.0-incremental")
    let bytes = try sample.metadata(of: #require(sample.checkpoints().first))
    var reader = try MetadataReader(bytes)
    var ids: [OperatorID] = []
    while let header = try reader.nextOperator() { ids.append(header.id) }
    #expect(try reader.finish()?.kind == .checkpoint)
    #expect(try ids == CheckpointMetadata(reading: bytes).operators.map(\.header.id))
  }
}
