// SPDX-License-Identifier: Apache-2.0

import Catalog
package import CheckpointStore
package import Checkpoints

/// All that a store shows, with what a rebuilt catalog must bring back: ids, times, counts.
package struct StoreImage: Hashable, Sendable {
  package struct History: Hashable, Sendable {
    package let id: HistoryID
    package let name: HistoryName
    package var checkpoints: [CheckpointRecord] = []
    package var tags: [TagRecord] = []
    package var entries: [CheckpointID: [EntryRecord]] = [:]
  }

  package private(set) var histories: [History] = []
  /// As in a model: what waits for shards, which no rebuilt catalog has.
  package private(set) var pending: [String: [Int64: [String: [String: Model.Held?]?]]] = [:]

  package init(of store: Store) throws {
    for record in try store.histories() {
      var history = History(id: record.id, name: record.name)
      history.checkpoints = try store.checkpoints(of: record)
      history.tags = try store.tags(of: record)
      for checkpoint in history.checkpoints {
        var entries: [EntryRecord] = []
        try store.forEachEntry(of: checkpoint) { entries.append($0) }
        history.entries[checkpoint.id] = entries
      }
      histories.append(history)
    }
    for gathering in try store.catalog.gatherings() {
      let (history, number) = (gathering.pending.historyName, gathering.pending.number)
      for shard in gathering.shards {
        var entries: [String: Model.Held?] = [:]
        for entry in try store.catalog.pages(of: shard.name, in: gathering.pending)
          .flatMap(\.entries)
        {
          entries[String(path: entry.path.bytes)] = .some(Self.held(entry))
        }
        pending[history.rawValue, default: [:]][number.rawValue, default: [:]][
          shard.name.rawValue] = .some(shard.summary == nil ? nil : entries)
      }
    }
  }

  private static func held(_ entry: Entry) -> Model.Held? {
    entry.content.map { Model.Held(digest: $0.digest, isShared: entry.isShared) }
  }

  package var withoutPending: StoreImage {
    var image = self
    image.pending = [:]
    return image
  }

  /// The contents of shards that wait for others.
  package var pendingContents: Set<Digest> {
    let shards = pending.values.flatMap(\.values).flatMap(\.values).compactMap(\.self)
    return Set(shards.flatMap(\.values).compactMap { $0?.digest })
  }

  /// The same in the terms of a model.
  package var model: Model {
    var model = Model()
    model.pending = pending
    for history in histories {
      for checkpoint in history.checkpoints {
        var seen = Model.Checkpoint()
        for record in history.entries[checkpoint.id] ?? [] {
          seen.entries[String(path: record.entry.path.bytes)] = .some(Self.held(record.entry))
        }
        seen.tags = Set(
          history.tags.filter { $0.checkpoint == checkpoint.id }.map(\.name.rawValue))
        model.histories[history.name.rawValue, default: [:]][checkpoint.number.rawValue] = seen
      }
    }
    return model
  }

  /// How many entries have each content.
  package var references: [Digest: Int64] {
    var references: [Digest: Int64] = [:]
    for record in histories.flatMap({ $0.entries.values.joined() }) {
      if let content = record.entry.content { references[content.digest, default: 0] += 1 }
    }
    return references
  }
}
