// SPDX-License-Identifier: Apache-2.0

package import FlinkMetadata

extension MetadataReader {
  /// More than any checkpoint has, and few enough that each has an inode in a mount.
  private static let maximumParts = 1 << 22

  /// Reads to the end of the file, and gives `body` what is in it in the file's order.
  ///
  /// - Throws: ``MetadataError`` when the file is not whole; items were given before.
  package mutating func forEachItem(
    _ body: (StateItem) -> Void
  ) throws(MetadataError) -> CheckpointProperties? {
    var parts = masterStates.count
    for (number, state) in masterStates.enumerated() {
      body(
        .part(
          StatePart(
            owner: .master, role: .masterState(number, state.name),
            source: .range(state.content), mayBeLonger: false)))
    }
    while let header = try nextOperator() {
      body(.operatorHeader(header))
      if let coordinator = header.coordinator {
        parts += 1
        body(
          .part(
            StatePart(
              owner: .coordinator(header.id), role: .coordinator,
              source: .handle(.inline(coordinator)), mayBeLonger: false)))
      }
      while let subtask = try nextSubtask() {
        guard case .state(let state) = subtask.state else { continue }
        if let checkpoint = state.referencedCheckpoint { body(.reference(checkpoint)) }
        var visit = SubtaskParts(owner: .subtask(header.id, subtask.index))
        visit.add(state)
        parts += visit.parts.count
        guard parts <= Self.maximumParts else {
          throw tooLarge("at most \(Self.maximumParts) pieces of state")
        }
        for part in visit.parts { body(.part(part)) }
      }
    }
    return try finish()
  }
}
