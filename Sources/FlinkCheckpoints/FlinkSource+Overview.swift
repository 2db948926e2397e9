// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

extension FlinkSource {
  /// Tells of the operators of a checkpoint.
  ///
  /// - Returns: `nil` when the checkpoint is gone.
  package func overview(of id: CheckpointID) throws(SourceError) -> CheckpointOverview? {
    guard let checkpoint = try current().checkpoint(id) else { return nil }
    var operators: [CheckpointOverview.Operator] = []
    do throws(MetadataError) {
      var reader = try MetadataReader(metadata(of: checkpoint))
      while let header = try reader.nextOperator() {
        var overview = CheckpointOverview.Operator(header: header)
        var names: Set<String> = []
        while let subtask = try reader.nextSubtask() {
          overview.subtasks.append(CheckpointOverview.Subtask(subtask, of: header))
          names.formUnion(subtask.operatorStateNames)
        }
        overview.stateNames = names.sorted()
        operators.append(overview)
      }
      let properties = try reader.finish()
      for index in operators.indices {
        operators[index].stateNames += try familyNames(of: operators[index], in: id)
      }
      return CheckpointOverview(
        version: reader.version, checkpoint: reader.checkpoint, properties: properties,
        operators: operators)
    } catch {
      if case .unreadable(.noSuchFileOrDirectory) = error.flaw { return nil }
      throw SourceError(.unavailable, error.description, cause: error)
    }
  }

  /// The column families that the OPTIONS of one subtask's RocksDB name: all subtasks have the same.
  private func familyNames(
    of overview: CheckpointOverview.Operator, in id: CheckpointID
  ) throws(MetadataError) -> [String] {
    for subtask in overview.subtasks {
      guard let directory = try? EntryPath("\(overview.header.id)/\(subtask.index)"),
        let text = optionsText(in: directory, of: id)
      else { continue }
      return RocksDBOptions.familyNames(in: text).filter { $0 != "default" }
    }
    return []
  }

  /// - Returns: `nil` where there is no such file, or it cannot be read: names are told where they are known.
  private func optionsText(in directory: EntryPath, of id: CheckpointID) -> String? {
    guard let all = try? entries(of: id, in: directory, from: 0, limit: .max),
      let record = all.last(where: { $0.entry.path.name.starts(with: "OPTIONS-".utf8) }),
      let content = record.entry.content, content.size <= RocksDBOptions.maximumSize,
      let file = try? open(content.digest)
    else { return nil }
    var buffer = [UInt8](repeating: 0, count: Int(file.length))
    guard let count = try? file.descriptor.fill(&buffer, at: UInt64(file.offset), path: "OPTIONS")
    else { return nil }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}

extension Subtask {
  fileprivate var operatorStateNames: [String] {
    guard case .state(let state) = state else { return [] }
    return [state.managedOperator, state.rawOperator].flatMap { $0?.states.map(\.name) ?? [] }
  }
}

extension CheckpointOverview.Subtask {
  fileprivate init(_ subtask: Subtask, of header: OperatorHeader) {
    guard case .state(let state) = subtask.state else {
      self.init(index: subtask.index, isFinished: true, keyGroups: nil, fullBytes: 0, newBytes: nil)
      return
    }
    var parts = SubtaskParts(owner: .subtask(header.id, subtask.index))
    parts.add(state)
    self.init(
      index: subtask.index, isFinished: false, keyGroups: state.managedKeyed?.keyGroups,
      fullBytes: parts.parts.reduce(0) { $0 &+ $1.size },
      newBytes: state.managedKeyed?.checkpointedSize)
  }
}

extension StatePart {
  fileprivate var size: UInt64 {
    switch source {
    case .handle(let handle): handle.size
    case .range(let range): range.count
    }
  }
}

extension KeyedStateHandle {
  fileprivate var checkpointedSize: UInt64? {
    switch self {
    case .incremental(let state): state.checkpointedSize
    case .changelog(let state): state.checkpointedSize
    case .changelogFiles(let files): files.checkpointedSize
    case .keyGroups, .changelogInMemory: nil
    }
  }
}
