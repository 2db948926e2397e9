// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

extension MasterState: Encodable {
  private enum CodingKeys: CodingKey { case name, version, size }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(version, forKey: .version)
    try container.encode(content.count, forKey: .size)
  }
}

extension OperatorHeader: Encodable {
  private enum CodingKeys: CodingKey {
    case id, name, uid, parallelism, maxParallelism, finished, coordinator
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id.description, forKey: .id)
    try container.encodeIfPresent(name, forKey: .name)
    try container.encodeIfPresent(uid, forKey: .uid)
    try container.encode(parallelism, forKey: .parallelism)
    try container.encode(maximumParallelism, forKey: .maxParallelism)
    if isFinished { try container.encode(true, forKey: .finished) }
    try container.encodeIfPresent(coordinator.map(StreamHandle.inline), forKey: .coordinator)
  }
}

extension Subtask: Encodable {
  private enum CodingKeys: CodingKey { case index, finished }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    switch state {
    case .finished: try container.encode(true, forKey: .finished)
    case .state(let state): try state.encode(to: encoder)
    }
  }
}

extension SubtaskState: Encodable {
  private enum CodingKeys: CodingKey {
    case managedOperator, rawOperator, managedKeyed, rawKeyed, inputChannels, outputChannels
    case referencedCheckpoint
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(managedOperator, forKey: .managedOperator)
    try container.encodeIfPresent(rawOperator, forKey: .rawOperator)
    try container.encodeIfPresent(managedKeyed, forKey: .managedKeyed)
    try container.encodeIfPresent(rawKeyed, forKey: .rawKeyed)
    if !inputChannels.isEmpty { try container.encode(inputChannels, forKey: .inputChannels) }
    if !outputChannels.isEmpty { try container.encode(outputChannels, forKey: .outputChannels) }
    try container.encodeIfPresent(referencedCheckpoint, forKey: .referencedCheckpoint)
  }
}

extension OperatorStateHandle: Encodable {
  private enum CodingKeys: CodingKey { case states, delegate }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(states, forKey: .states)
    try container.encode(delegate, forKey: .delegate)
  }
}

extension PartitionedState: Encodable {
  private enum CodingKeys: CodingKey { case name, distribution, partitions }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(distribution.name, forKey: .distribution)
    try container.encode(offsets.count, forKey: .partitions)
  }
}

extension PartitionedState.Distribution {
  /// As Flink calls it.
  fileprivate var name: String {
    switch self {
    case .splitDistribute: "SPLIT_DISTRIBUTE"
    case .union: "UNION"
    case .broadcast: "BROADCAST"
    }
  }
}

extension ChannelStateHandle: Encodable {
  private enum CodingKeys: CodingKey { case subtask, gate, channel, buffers, size, delegate }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .single(let state):
      try container.encode(state.subtask, forKey: .subtask)
      try container.encode(state.gate, forKey: .gate)
      try container.encode(state.channel, forKey: .channel)
      try container.encode(state.offsets.count, forKey: .buffers)
      try container.encode(state.size, forKey: .size)
    case .merged(let state):
      try container.encode(state.subtask, forKey: .subtask)
      try container.encode(state.size, forKey: .size)
    }
    try container.encode(delegate, forKey: .delegate)
  }
}
