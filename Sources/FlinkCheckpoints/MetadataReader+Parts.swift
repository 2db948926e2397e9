// SPDX-License-Identifier: Apache-2.0

package import FlinkMetadata

extension MetadataReader {
  /// Reads to the end of the file, and gives `body` each part of the state in the file's order.
  ///
  /// - Parameters:
  ///   - onOperator: called with each operator before its parts.
  ///   - onReference: called with each older checkpoint whose state a subtask still uses.
  /// - Throws: MetadataError when the file is not whole; parts were given before.
  package mutating func forEachPart(
    onOperator: (OperatorHeader) -> Void = { _ in }, onReference: (Int64) -> Void = { _ in },
    _ body: (StatePart) -> Void
  ) throws(MetadataError) -> CheckpointProperties? {
    for state in masterStates {
      body(
        StatePart(
          owner: .master, role: .masterState(state.name), source: .range(state.content),
          mayBeLonger: false))
    }
    while let header = try nextOperator() {
      onOperator(header)
      if let coordinator = header.coordinator {
        body(
          StatePart(
            owner: .coordinator(header.id), role: .coordinator,
            source: .handle(.inline(coordinator)), mayBeLonger: false))
      }
      while let subtask = try nextSubtask() {
        guard case .state(let state) = subtask.state else { continue }
        if let checkpoint = state.referencedCheckpoint { onReference(checkpoint) }
        var visit = SubtaskParts(owner: .subtask(header.id, subtask.index))
        visit.add(state)
        for part in visit.parts { body(part) }
      }
    }
    return try finish()
  }
}
