// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

/// Gives each part of a subtask's state its name.
struct SubtaskParts {
  let owner: StatePart.Owner
  private(set) var parts: [StatePart] = []
  private var databases = 0
  private var streams = 0
  private var changes = 0

  init(owner: StatePart.Owner) { self.owner = owner }

  mutating func add(_ state: SubtaskState) {
    if let handle = state.managedOperator { add(handle.delegate, "managed-operator") }
    if let handle = state.rawOperator { add(handle.delegate, "raw-operator") }
    if let handle = state.managedKeyed { add(handle, "") }
    streams = 0
    if let handle = state.rawKeyed { add(handle, "raw-") }
    for (number, channel) in state.inputChannels.enumerated() {
      add(channel, "input", number, ("gate", "channel"))
    }
    for (number, channel) in state.outputChannels.enumerated() {
      add(channel, "output", number, ("partition", "subpartition"))
    }
  }

  private mutating func add(_ handle: KeyedStateHandle, _ prefix: String) {
    switch handle {
    case .keyGroups(let state):
      add(state.delegate, "\(prefix)key-groups\(streams == 0 ? "" : "-\(streams)")")
      streams += 1
    case .incremental(let state): add(state)
    case .changelog(let state):
      for base in state.materialised { add(base, prefix) }
      for change in state.changes { add(change, prefix) }
    case .changelogInMemory(let inline):
      add(.range(inline.content), "\(prefix)changelog/\(padded(changes))")
      changes += 1
    case .changelogFiles(let files):
      for part in files.parts {
        add(.handle(part.handle), "\(prefix)changelog/\(padded(changes))", mayBeLonger: true)
        changes += 1
      }
    }
  }

  /// The first is the subtask's RocksDB directory; after the parallelism changed there may be more.
  private mutating func add(_ state: IncrementalState) {
    let number = databases
    databases += 1
    for file in state.shared + state.own {
      let role: StatePart.Role =
        number == 0 ? .database(file.name) : .furtherDatabase(number, file.name)
      parts.append(
        StatePart(owner: owner, role: role, source: .handle(file.handle), mayBeLonger: false))
    }
    add(state.meta, number == 0 ? "states" : "states-\(number)")
  }

  /// Several channels may share a file; then it has several names.
  private mutating func add(
    _ channel: ChannelStateHandle, _ directory: String, _ number: Int,
    _ names: (gate: String, channel: String)
  ) {
    let name =
      switch channel {
      case .single(let state):
        "\(names.gate)-\(state.gate)-\(names.channel)-\(state.channel)"
      case .merged: "merged"
      }
    add(channel.delegate, "\(directory)/\(padded(number))-\(name)")
  }

  private mutating func add(_ handle: StreamHandle, _ path: String) { add(.handle(handle), path) }

  private mutating func add(
    _ source: StatePart.Source, _ path: String, mayBeLonger: Bool = false
  ) {
    parts.append(
      StatePart(owner: owner, role: .other(path), source: source, mayBeLonger: mayBeLonger))
  }
}

/// So that names sort as numbers do.
private func padded(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
}
