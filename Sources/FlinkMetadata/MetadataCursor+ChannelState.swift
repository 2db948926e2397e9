// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  /// Which way the records of a channel flow, and the marks of its two kinds since version 6.
  enum Direction {
    case input
    case output

    fileprivate var single: UInt8 { self == .input ? 1 : 2 }
    fileprivate var merged: UInt8 { self == .input ? 3 : 4 }
  }

  mutating func channels(
    _ direction: Direction, _ version: MetadataVersion
  ) throws(MetadataError) -> [ChannelStateHandle] {
    var channels: [ChannelStateHandle] = []
    for _ in 0..<(try count("channel states", of: 18)) {
      channels.append(try channel(direction, version))
      try keep(Self.handleCharge, "channel states")
    }
    return channels
  }

  private mutating func channel(
    _ direction: Direction, _ version: MetadataVersion
  ) throws(MetadataError) -> ChannelStateHandle {
    guard version >= .six else { return .single(try singleChannel()) }
    let offset = position
    switch try integer("the kind of a channel state", as: UInt8.self) {
    case direction.single: return .single(try singleChannel())
    case direction.merged: return .merged(try mergedChannels())
    case let kind:
      throw malformed(
        "the kind of a channel state (\(direction.single) or \(direction.merged))", found: kind,
        at: offset)
    }
  }

  private mutating func singleChannel() throws(MetadataError) -> ChannelState {
    ChannelState(
      subtask: try natural("the subtask of a channel"), gate: try natural("the gate of a channel"),
      channel: try natural("the number of a channel"),
      offsets: try offsets("the buffers of a channel"), size: try length("the size of a channel"),
      delegate: try stream("the state of a channel"))
  }

  private mutating func mergedChannels() throws(MetadataError) -> MergedChannelState {
    MergedChannelState(
      subtask: try natural("the subtask of merged channels"),
      size: try length("the size of merged channels"),
      delegate: try stream("the state of merged channels"),
      directory: try sizedRange("the directory of merged channels"))
  }
}
