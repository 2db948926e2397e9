// SPDX-License-Identifier: Apache-2.0

import Checkpoints

@testable import FlinkMetadata

extension CheckpointMetadata {
  /// What the samples' `handles` say: all that Flink's own loader tells, one handle a line.
  func described(from bytes: [UInt8]) throws -> String {
    var lines = [
      "version=\(version.rawValue) checkpoint=\(checkpoint) masters=\(masterStates.count) "
        + "properties=\(properties?.described ?? "-")"
    ]
    for state in operators.sorted(by: { $0.header.id < $1.header.id }) {
      let header = state.header
      lines.append(
        "operator \(header.id) name=\(header.name ?? "-") uid=\(header.uid ?? "-") "
          + "parallelism=\(header.parallelism) max=\(header.maximumParallelism)")
      if let coordinator = header.coordinator {
        lines.append(" coordinator \(try StreamHandle.inline(coordinator).described(from: bytes))")
      }
      for subtask in state.subtasks.sorted(by: { $0.index < $1.index }) {
        guard case .state(let state) = subtask.state, state.isStateful else { continue }
        lines.append(" subtask \(subtask.index)")
        lines += try state.described(from: bytes)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension CheckpointProperties {
  fileprivate var described: String {
    switch kind {
    case .checkpoint: "checkpoint:\(sharing ?? "?")"
    case .savepoint(let format): "savepoint:\(format ?? "?")"
    }
  }
}

extension SubtaskState {
  fileprivate var isStateful: Bool {
    managedOperator != nil || rawOperator != nil || managedKeyed != nil || rawKeyed != nil
  }

  fileprivate func described(from bytes: [UInt8]) throws -> [String] {
    var lines: [String] = []
    for (name, state) in [("managedOperator", managedOperator), ("rawOperator", rawOperator)] {
      if let state { lines += try state.described(from: bytes, "  \(name) ") }
    }
    for (name, state) in [("managedKeyed", managedKeyed), ("rawKeyed", rawKeyed)] {
      if let state { lines += try state.described(from: bytes, "  \(name) ") }
    }
    return lines
  }
}

extension OperatorStateHandle {
  fileprivate func described(from bytes: [UInt8], _ indent: String) throws -> [String] {
    let kind = merging.map { $0.isEmpty ? "merged-empty" : "merged" } ?? "plain"
    let modes: [PartitionedState.Distribution: String] = [
      .splitDistribute: "SPLIT_DISTRIBUTE", .union: "UNION", .broadcast: "BROADCAST",
    ]
    return try ["\(indent)\(kind) \(delegate.described(from: bytes))"]
      + states.sorted { $0.name < $1.name }.map { state in
        let offsets = try state.offsets.load(from: bytes).map(String.init).joined(separator: ",")
        return "\(indent) state \(state.name) \(modes[state.distribution] ?? "?") \(offsets)"
      }
  }
}

extension KeyedStateHandle {
  fileprivate func described(from bytes: [UInt8], _ indent: String) throws -> [String] {
    switch self {
    case .keyGroups(let state):
      let offsets = try state.offsets.load(from: bytes).map(String.init).joined(separator: ",")
      return [
        "\(indent)\(state.isSavepoint ? "savepoint" : "keyGroups") \(state.keyGroups) "
          + "offsets=\(offsets) \(try state.delegate.described(from: bytes))"
      ]
    case .incremental(let state): return try state.described(from: bytes, indent)
    case .changelog(let state):
      return try [
        "\(indent)changelog \(state.keyGroups) checkpointed=\(sizeText(state.checkpointedSize)) "
          + "materialisation=\(state.materialisation) checkpoint=\(state.checkpoint) "
          + "id=\(state.handleID)"
      ] + state.materialised.flatMap { try $0.described(from: bytes, indent + " base ") }
        + state.changes.flatMap { try $0.described(from: bytes, indent + " change ") }
    case .changelogInMemory(let changes):
      return ["\(indent)changes \(changes.keyGroups) count=\(changes.count)"]
    case .changelogFiles(let files):
      return try [
        "\(indent)files \(files.keyGroups) size=\(files.size) "
          + "checkpointed=\(sizeText(files.checkpointedSize)) storage=\(files.storage) "
          + "id=\(files.handleID)"
      ] + files.parts.map { "\(indent) at \($0.offset) \(try $0.handle.described(from: bytes))" }
    }
  }
}

extension IncrementalState {
  fileprivate func described(from bytes: [UInt8], _ indent: String) throws -> [String] {
    var first = "\(indent)incremental \(keyGroups) checkpoint=\(checkpoint) backend=\(backend)"
    if let handleID {
      first += " checkpointed=\(sizeText(checkpointedSize)) id=\(handleID)"
    }
    return try [first, "\(indent) meta \(meta.described(from: bytes))"]
      + shared.sorted { $0.name < $1.name }.map {
        "\(indent) shared \($0.name) \(try $0.handle.described(from: bytes))"
      }
      + own.sorted { $0.name < $1.name }.map {
        "\(indent) own \($0.name) \(try $0.handle.described(from: bytes))"
      }
  }
}

extension StreamHandle {
  fileprivate func described(from bytes: [UInt8]) throws -> String {
    switch self {
    case .inline(let state):
      let content = state.content
      let part = bytes[Int(content.offset)..<Int(content.offset + content.count)]
      return "inline \(state.name) \(content.count) \(Digest(hashing: Array(part)))"
    case .file(let file): return "file \(file.path) \(file.size)"
    case .relativeFile(let file): return "relative \(file.path) \(file.size)"
    case .segment(let segment):
      let scope = segment.scope == .shared ? "SHARED" : "EXCLUSIVE"
      return "segment \(segment.path) \(segment.start) \(segment.size) \(scope) "
        + segment.logicalFile
    case .emptySegment: return "empty"
    case .keyGroups(let keyGroups, _, let delegate):
      return "keyGroups \(keyGroups) \(try delegate.described(from: bytes))"
    }
  }
}

private func sizeText(_ size: UInt64?) -> String { size.map(String.init) ?? "-" }
