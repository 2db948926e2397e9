// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// The trees that were used last.
struct TreeCache {
  /// In all kept trees; some hundred bytes each.
  private static let maximumEntries = 100_000
  /// These stay however large they are: making one anew for each question would never end.
  private static let minimumTrees = 4

  /// The one that was used last comes last.
  private var trees: [(id: CheckpointID, entries: FlinkEntries)] = []

  subscript(id: CheckpointID) -> FlinkEntries? {
    mutating get {
      guard let index = trees.lastIndex(where: { $0.id == id }) else { return nil }
      let tree = trees.remove(at: index)
      trees.append(tree)
      return tree.entries
    }
  }

  mutating func insert(_ entries: FlinkEntries, for id: CheckpointID) {
    trees.removeAll { $0.id == id }
    trees.append((id, entries))
    var count = trees.reduce(0) { $0 + $1.entries.records.count }
    while count > Self.maximumEntries, trees.count > Self.minimumTrees {
      count -= trees.removeFirst().entries.records.count
    }
  }
}
