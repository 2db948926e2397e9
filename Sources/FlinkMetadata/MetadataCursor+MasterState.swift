// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  private static let masterStateMagic = Int32(bitPattern: 0xC96B_1696)

  mutating func masterStates() throws(MetadataError) -> [MasterState] {
    var states: [MasterState] = []
    for _ in 0..<(try count("master states", of: 18)) {
      states.append(try masterState())
      try keep(Self.handleCharge, "master states")
    }
    return states
  }

  private mutating func masterState() throws(MetadataError) -> MasterState {
    let offset = position
    guard try integer("the mark of a master state", as: Int32.self) == Self.masterStateMagic else {
      throw malformed("the mark of a master state, c96b1696", found: "another", at: offset)
    }
    let length = UInt64(try natural("the length of a master state", as: Int32.self))
    let start = position
    let version: Int32 = try integer("the version of a master state")
    let name = try text("the name of a master state")
    let content = try sizedRange("a master state")
    guard position - start == length else {
      throw malformed(
        "a master state of \(length) bytes", found: "one of \(position - start)", at: start)
    }
    return MasterState(name: name, version: version, content: content)
  }
}
