// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
internal import SystemPackage

/// What a test does to a ``MemorySource``. Each step is atomic for all readers.
extension MemorySource {
  /// Completes a checkpoint, and begins its history where there is none of that name.
  ///
  /// - Parameter completed: greater than that of all others in the history.
  @discardableResult
  package func complete(
    _ history: String, _ number: Int64, _ files: [MemoryFile], completed: Timestamp,
    owner: Ownership = Ownership(user: 1000, group: 1000)
  ) throws -> CheckpointRecord {
    let entries = try MemoryEntries(files: files.map(keep))
    return try complete(history, number, entries, completed: completed, owner: owner)
  }

  /// The same with entries that were prepared once for many checkpoints.
  @discardableResult
  package func complete(
    _ history: String, _ number: Int64, _ entries: MemoryEntries, completed: Timestamp,
    owner: Ownership = Ownership(user: 1000, group: 1000)
  ) throws -> CheckpointRecord {
    let name = try HistoryName(history)
    guard let number = CheckpointNumber(rawValue: number) else {
      preconditionFailure("checkpoints are numbered from 1")
    }
    return withState { state in
      let id = state.history(named: name) ?? HistoryID(rawValue: state.nextID())
      let contents = entries.entries.compactMap(\.content)
      let record = CheckpointRecord(
        id: CheckpointID(rawValue: state.nextID()), history: id, number: number,
        completed: completed, owner: owner, files: Int64(contents.count),
        fullBytes: contents.reduce(0) { $0 + Int64($1.size) }, newBytes: 0)
      var history = state.histories[id] ?? .init(record: record.begins(name))
      history.checkpoints.insert(
        record, at: history.checkpoints.partition { $0.number > number })
      history.record = HistoryRecord(id: id, name: history.record.name, changed: completed)
      state.histories[id] = history
      state.checkpoints[record.id] = .init(record: record, entries: entries)
      state.count(entries, owner: owner, by: 1)
      return record
    }
  }

  /// Makes entries of files once, for many checkpoints.
  package func prepare(_ files: [MemoryFile]) throws -> MemoryEntries {
    try MemoryEntries(files: files.map(keep))
  }

  package func drop(_ id: CheckpointID) {
    withState { state in
      guard let checkpoint = state.checkpoints.removeValue(forKey: id) else {
        preconditionFailure("checkpoint \(id.rawValue) is not there to be dropped")
      }
      state.count(checkpoint.entries, owner: checkpoint.record.owner, by: -1)
      state.histories[checkpoint.record.history]?.checkpoints.removeAll { $0.id == id }
      state.tags = state.tags.filter { $0.value.checkpoint != id }
      state.touch(checkpoint.record.history)
    }
  }

  /// Removes a history and all its checkpoints.
  package func drop(_ history: HistoryID) {
    let checkpoints = withState { $0.histories[history]?.checkpoints.map(\.id) ?? [] }
    checkpoints.forEach(drop)
    withState { $0.histories[history] = nil }
  }

  @discardableResult
  package func tag(
    _ checkpoint: CheckpointRecord, _ name: String, created: Timestamp
  ) throws -> TagRecord {
    let name = try TagName(name)
    return withState { state in
      let tag = TagRecord(
        id: TagID(rawValue: state.nextID()), name: name, history: checkpoint.history,
        checkpoint: checkpoint.id, number: checkpoint.number, created: created)
      state.tags[tag.id] = tag
      state.touch(checkpoint.history, at: created)
      return tag
    }
  }

  package func untag(_ id: TagID) {
    withState { state in
      if let tag = state.tags.removeValue(forKey: id) { state.touch(tag.history) }
    }
  }

  package func rename(_ id: HistoryID, to name: String) throws {
    let name = try HistoryName(name)
    withState { state in
      guard let old = state.histories[id]?.record else { return }
      state.histories[id]?.record = HistoryRecord(id: id, name: name, changed: old.changed)
    }
  }

  /// From now on opening `digest` fails.
  package func damage(_ digest: Digest) {
    withState { _ = $0.damaged.insert(digest) }
  }

  /// Whether the source answers at all.
  package func setAvailable(_ isAvailable: Bool) {
    withState { $0.isAvailable = isAvailable }
  }

  /// How many records the longest answer had so far.
  package var largestPortion: Int { withState { $0.largestPortion } }

  /// Stores the bytes of a file once.
  private func keep(_ file: MemoryFile) throws -> Entry {
    let digest = Digest(hashing: file.bytes)
    try withState { state in
      guard state.places[digest] == nil else { return }
      try contents.writeAll(toAbsoluteOffset: state.end, file.bytes)
      state.places[digest] = .init(offset: state.end, length: file.bytes.count)
      state.end += Int64(file.bytes.count)
    }
    let content = Content(
      digest: digest, size: UInt64(file.bytes.count), modified: file.modified)
    return Entry(path: file.path, kind: file.isShared ? .shared(content) : .own(content))
  }
}

extension MemoryState {
  fileprivate func history(named name: HistoryName) -> HistoryID? {
    histories.values.first { $0.record.name == name }?.record.id
  }
}

extension CheckpointRecord {
  fileprivate func begins(_ name: HistoryName) -> HistoryRecord {
    HistoryRecord(id: history, name: name, changed: completed)
  }
}
