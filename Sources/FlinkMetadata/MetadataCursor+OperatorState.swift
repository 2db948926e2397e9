// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  mutating func optionalOperatorState(
    _ expected: String
  ) throws(MetadataError) -> OperatorStateHandle? {
    let offset = position
    try keep(Self.handleCharge, "state handles")
    switch try integer("the type of \(expected)", as: UInt8.self) {
    case 0: return nil
    case 4:
      return OperatorStateHandle(
        states: try partitionedStates(), merging: nil, delegate: try stream(expected))
    case 17: return try mergedOperatorState(expected)
    case let type:
      throw malformed(
        "\(expected), an operator state handle of type 0, 4 or 17", found: "type \(type)",
        at: offset)
    }
  }

  private mutating func mergedOperatorState(
    _ expected: String
  ) throws(MetadataError) -> OperatorStateHandle {
    let states = try partitionedStates()
    let merging = OperatorStateHandle.Merging(
      taskOwnedDirectory: try text("the task-owned directory"),
      sharedDirectory: try text("the shared directory"),
      isEmpty: try boolean("whether an operator state is empty"))
    let offset = position
    let delegate = try stream(expected)
    switch delegate {
    case .segment, .emptySegment:
      return OperatorStateHandle(states: states, merging: merging, delegate: delegate)
    case .inline, .file, .relativeFile, .keyGroups:
      throw malformed("\(expected) in a segment (type 15 or 16)", found: "another", at: offset)
    }
  }

  private mutating func partitionedStates() throws(MetadataError) -> [PartitionedState] {
    var states: [PartitionedState] = []
    for _ in 0..<(try count("operator states", of: 7)) {
      let name = try text("the name of an operator state")
      let offset = position
      let mode: UInt8 = try integer("the distribution of an operator state")
      guard let distribution = PartitionedState.Distribution(rawValue: mode) else {
        throw malformed(
          "the distribution of an operator state (0, 1 or 2)", found: mode, at: offset)
      }
      try keep(Self.handleCharge, "operator states")
      states.append(
        PartitionedState(
          name: name, distribution: distribution,
          offsets: try offsets("the partitions of an operator state")))
    }
    return states
  }
}
