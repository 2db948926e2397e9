// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

extension CheckpointProperties {
  func describe(in json: inout JSONWriter) {
    switch kind {
    case .checkpoint: json.field("kind", "checkpoint")
    case .savepoint(let format):
      json.field("kind", "savepoint")
      if let format { json.field("format", format) }
    }
    if let sharing { json.field("sharing", sharing) }
  }
}

extension MasterState {
  func describe(in json: inout JSONWriter) {
    json.object { json in
      json.field("name", name)
      json.field("version", version)
      json.field("size", content.count)
    }
  }
}

extension OperatorHeader {
  func describe(in json: inout JSONWriter) {
    json.field("id", id.description)
    if let name { json.field("name", name) }
    if let uid { json.field("uid", uid) }
    json.field("parallelism", parallelism)
    json.field("maxParallelism", maximumParallelism)
    if isFinished { json.field("finished", true) }
    if let coordinator { json.handle("coordinator", .inline(coordinator)) }
  }
}

extension Subtask {
  func describe(in json: inout JSONWriter) {
    json.object { json in
      json.field("index", index)
      switch state {
      case .finished: json.field("finished", true)
      case .state(let state): state.describe(in: &json)
      }
    }
  }
}

extension SubtaskState {
  func describe(in json: inout JSONWriter) {
    if let managedOperator { json.object("managedOperator", managedOperator.describe) }
    if let rawOperator { json.object("rawOperator", rawOperator.describe) }
    if let managedKeyed { json.object("managedKeyed", managedKeyed.describe) }
    if let rawKeyed { json.object("rawKeyed", rawKeyed.describe) }
    for (name, channels) in [("inputChannels", inputChannels), ("outputChannels", outputChannels)]
    where !channels.isEmpty {
      json.array(name) { json in
        for channel in channels { json.object { json in channel.describe(in: &json) } }
      }
    }
    if let referencedCheckpoint { json.field("referencedCheckpoint", referencedCheckpoint) }
  }
}

extension OperatorStateHandle {
  func describe(in json: inout JSONWriter) {
    json.array("states") { json in
      for state in states {
        json.object { json in
          json.field("name", state.name)
          json.field("distribution", state.distribution.name)
          json.field("partitions", state.offsets.count)
        }
      }
    }
    json.handle("delegate", delegate)
  }
}

extension PartitionedState.Distribution {
  fileprivate var name: String {
    switch self {
    case .splitDistribute: "SPLIT_DISTRIBUTE"
    case .union: "UNION"
    case .broadcast: "BROADCAST"
    }
  }
}

extension ChannelStateHandle {
  func describe(in json: inout JSONWriter) {
    switch self {
    case .single(let state):
      json.field("subtask", state.subtask)
      json.field("gate", state.gate)
      json.field("channel", state.channel)
      json.field("buffers", state.offsets.count)
      json.field("size", state.size)
    case .merged(let state):
      json.field("subtask", state.subtask)
      json.field("size", state.size)
    }
    json.handle("delegate", delegate)
  }
}
