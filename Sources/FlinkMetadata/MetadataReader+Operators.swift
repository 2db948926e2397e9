// SPDX-License-Identifier: Apache-2.0

extension MetadataReader {
  /// More than any operator has; keeps a forged file from filling the memory.
  private static let maximumSubtasks: Int32 = 1 << 20

  mutating func operatorHeader() throws(MetadataError) -> OperatorHeader {
    let hasNames = version >= .five
    let name = hasNames ? try cursor.text("the name of an operator") : ""
    let uid = hasNames ? try cursor.text("the uid of an operator") : ""
    let id = OperatorID(
      high: try cursor.integer("the id of an operator"),
      low: try cursor.integer("the id of an operator"))
    let offset = cursor.position
    parallelism = try cursor.natural("the parallelism of an operator")
    let maximum: Int32 = try cursor.natural("the maximum parallelism of an operator")
    guard parallelism <= maximum else {
      throw cursor.malformed(
        "a parallelism of at most \(maximum)", found: parallelism, at: offset)
    }
    let coordinator = try coordinatorState()
    let isFinished = try beginSubtasks(hasCoordinator: coordinator != nil)
    return OperatorHeader(
      id: id, name: name.isEmpty ? nil : name, uid: uid.isEmpty ? nil : uid,
      parallelism: parallelism, maximumParallelism: maximum, coordinator: coordinator,
      isFinished: isFinished)
  }

  private mutating func coordinatorState() throws(MetadataError) -> InlineState? {
    let offset = cursor.position
    guard version >= .three else {
      _ = try cursor.integer("the length of the operator chain", as: Int32.self)
      return nil
    }
    switch try cursor.optionalStream("the state of a coordinator") {
    case nil: return nil
    case .inline(let state): return state
    case .file, .relativeFile, .segment, .emptySegment, .keyGroups:
      throw cursor.malformed(
        "the state of a coordinator, inline (type 0 or 1)", found: "another", at: offset)
    }
  }

  /// - Returns: whether the operator had ended as a whole.
  private mutating func beginSubtasks(hasCoordinator: Bool) throws(MetadataError) -> Bool {
    let offset = cursor.position
    let count: Int32 = try cursor.integer("the number of subtasks")
    subtasksSeen.removeAll(keepingCapacity: true)
    guard count < 0 else {
      guard count <= parallelism else {
        throw cursor.malformed("at most \(parallelism) subtasks", found: count, at: offset)
      }
      guard count <= Self.maximumSubtasks else {
        throw MetadataError(
          .tooLarge(expected: "at most \(Self.maximumSubtasks) subtasks"), in: cursor.bytes.path,
          at: offset)
      }
      guard UInt64(count) <= cursor.remaining / 4 else {
        throw MetadataError(
          .truncated(expected: "\(count) subtasks"), in: cursor.bytes.path, at: offset)
      }
      subtasksLeft = Int(count)
      return false
    }
    subtasksLeft = 0
    guard version >= .three, !hasCoordinator else {
      throw cursor.malformed("a number of subtasks of at least 0", found: count, at: offset)
    }
    return true
  }

  /// The next subtask of the operator that was read last, or `nil` behind its last.
  package mutating func nextSubtask() throws(MetadataError) -> Subtask? {
    guard subtasksLeft > 0 else { return nil }
    subtasksLeft -= 1
    cursor.beginPart()
    let offset = cursor.position
    let number: Int32 = try cursor.integer("the index of a subtask")
    // Minus one less the index: so that subtask 0 can have finished, too.
    let hasFinished = version >= .three && number < 0
    let index = hasFinished ? -(number + 1) : number
    guard (0..<parallelism).contains(index) else {
      throw cursor.malformed(
        "the index of a subtask below \(parallelism)", found: index, at: offset)
    }
    guard subtasksSeen.insert(index).inserted else {
      throw cursor.malformed(
        "each subtask once", found: "subtask \(index) for the second time", at: offset)
    }
    return Subtask(index: index, state: hasFinished ? .finished : .state(try subtaskState()))
  }

  private mutating func subtaskState() throws(MetadataError) -> SubtaskState {
    if version < .three { try skipLegacyState() }
    return SubtaskState(
      managedOperator: try flaggedOperatorState("managed operator state"),
      rawOperator: try flaggedOperatorState("raw operator state"),
      managedKeyed: try cursor.optionalKeyedState("managed keyed state"),
      rawKeyed: try cursor.optionalKeyedState("raw keyed state"),
      inputChannels: version >= .three ? try cursor.channels(.input, version) : [],
      outputChannels: version >= .three ? try cursor.channels(.output, version) : [],
      referencedCheckpoint: version >= .seven ? try referencedCheckpoint() : nil)
  }

  private mutating func skipLegacyState() throws(MetadataError) {
    _ = try cursor.integer("the duration of a checkpoint", as: Int64.self)
    let offset = cursor.position
    let count: Int32 = try cursor.integer("the number of legacy states")
    guard count == 0 else {
      throw cursor.malformed("no legacy states", found: "\(count)", at: offset)
    }
  }

  private mutating func flaggedOperatorState(
    _ expected: String
  ) throws(MetadataError) -> OperatorStateHandle? {
    let flag: Int32 = try cursor.integer("whether there is \(expected)")
    return flag == 0 ? nil : try cursor.optionalOperatorState(expected)
  }

  private mutating func referencedCheckpoint() throws(MetadataError) -> Int64? {
    guard try cursor.boolean("whether a subtask refers to a checkpoint") else { return nil }
    return try cursor.natural("the checkpoint that a subtask refers to")
  }
}
