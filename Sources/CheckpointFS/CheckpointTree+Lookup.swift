// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

extension CheckpointTree {
  /// Finds `name` in `directory`.
  ///
  /// "." is found in every node, also in a file: an NFS server asks so for what a handle stands for.
  ///
  /// - Returns: `nil` when there is no such name.
  /// - Throws: ``TreeError/absent`` when the directory itself is not there (any more), and
  ///   ``TreeError/nameTooLong`` for what no name can be.
  package func lookup(
    _ name: [UInt8], in directory: Inode
  ) throws(TreeError) -> NodeAttributes? {
    if name.elementsEqual(".".utf8) { return try attributes(of: directory) }
    if name.elementsEqual("..".utf8) { return try attributes(of: parent(of: directory)) }
    guard name.count <= Self.maximumNameLength else { throw .nameTooLong }
    switch directory {
    case .checkpoint(let id): return try entry(name, in: nil, of: id)
    case .entry(let id, let ordinal):
      return try entry(name, in: self.directory(ordinal, of: id), of: id)
    case .root, .history, .tags, .byTime, .control:
      // Outside checkpoints all names are text: other bytes are simply not there.
      guard let text = String(validating: name, as: UTF8.self) else { return nil }
      return try lookup(text, outsideCheckpoints: directory)
    case .latest, .tag, .time, .shared: throw .notADirectory
    }
  }

  private func lookup(
    _ name: String, outsideCheckpoints directory: Inode
  ) throws(TreeError) -> NodeAttributes? {
    switch directory {
    case .root: try child(name)
    case .history(let id): try child(name, of: id)
    case .tags(let id): try tag(name, of: id).map(attributes)
    case .byTime(let id): try time(name, of: id).map(timeAttributes)
    case .control(let node): try child(name, of: node)
    case .latest, .tag, .time, .checkpoint, .entry, .shared: throw .notADirectory
    }
  }

  private func child(_ name: String) throws(TreeError) -> NodeAttributes? {
    if name == Self.controlName { return try attributes(of: .control(.directory)) }
    return try history(name).map { attributes(of: .history($0.id), in: $0) }
  }

  private func child(_ name: String, of id: HistoryID) throws(TreeError) -> NodeAttributes? {
    switch name {
    case Self.latestName:
      try ask { source throws(SourceError) in try source.latestCheckpoint(of: id) }
        .map(latestAttributes)
    case Self.tagsName: try attributes(of: .tags(id))
    case Self.byTimeName: try attributes(of: .byTime(id))
    default: try checkpoint(name, of: id).map(attributes)
    }
  }

  private func child(_ name: String, of node: ControlNode) throws(TreeError) -> NodeAttributes? {
    switch node {
    case .directory:
      guard let child = controlNodes.first(where: { $0.name == name }) else { return nil }
      return try attributes(of: .control(child.node))
    case .histories:
      return try history(name).map { attributes(of: .control(.history($0.id)), in: $0) }
    case .history(let id):
      guard name.hasSuffix(Self.reportSuffix),
        let record = try checkpoint(String(name.dropLast(Self.reportSuffix.count)), of: id)
      else { return nil }
      return try attributes(of: .control(.checkpoint(record.id)))
    case .status, .metrics, .checkpoint, .report: throw .notADirectory
    }
  }

  private func history(_ name: String) throws(TreeError) -> HistoryRecord? {
    guard let name = try? HistoryName(name) else { return nil }
    return try ask { source throws(SourceError) in try source.history(named: name) }
  }

  private func checkpoint(
    _ name: String, of id: HistoryID
  ) throws(TreeError) -> CheckpointRecord? {
    guard let number = CheckpointNumber(directoryName: name) else { return nil }
    return try ask { source throws(SourceError) in try source.checkpoint(number, of: id) }
  }

  private func tag(_ name: String, of id: HistoryID) throws(TreeError) -> TagRecord? {
    guard let name = try? TagName(name) else { return nil }
    return try ask { source throws(SourceError) in try source.tag(named: name, of: id) }
  }

  /// The number in a name says which checkpoint; only its exact name is there.
  private func time(_ name: String, of id: HistoryID) throws(TreeError) -> CheckpointRecord? {
    guard let number = TimeName(name)?.number,
      let record = try ask({ source throws(SourceError) in
        try source.checkpoint(number, of: id)
      }),
      Self.timeName(of: record) == name
    else { return nil }
    return record
  }

  private func entry(
    _ name: [UInt8], in directory: EntryPath?, of id: CheckpointID
  ) throws(TreeError) -> NodeAttributes? {
    guard let path = try? EntryPath(name: name, in: directory),
      let record = try ask({ source throws(SourceError) in try source.entry(at: path, of: id) })
    else { return nil }
    return try attributes(of: record, in: id)
  }
}

/// Directories and what is above them.
extension CheckpointTree {
  func parent(of directory: Inode) throws(TreeError) -> Inode {
    switch directory {
    case .root, .history, .control(.directory): .root
    case .tags(let id), .byTime(let id): .history(id)
    case .checkpoint(let id): .history(try checkpoint(id).history)
    case .entry(let id, let ordinal):
      try parent(of: self.directory(ordinal, of: id), in: id)
    case .control(.histories): .control(.directory)
    case .control(.history): .control(.histories)
    case .latest, .tag, .time, .shared, .control(.status), .control(.metrics),
      .control(.checkpoint), .control(.report):
      throw .notADirectory
    }
  }

  private func parent(of path: EntryPath, in id: CheckpointID) throws(TreeError) -> Inode {
    guard let parent = path.parent else { return .checkpoint(id) }
    let record = try require { source throws(SourceError) in
      try source.entry(at: parent, of: id)
    }
    return Self.inode(of: record, in: id)
  }
}

extension CheckpointTree {
  /// In bytes, as statfs tells.
  static let maximumNameLength = 255
}

/// The names that a mount gives a meaning of its own.
extension CheckpointTree {
  static let controlName = ".ckptfs"
  static let latestName = "latest"
  static let tagsName = "tags"
  static let byTimeName = "by-time"
  static let reportSuffix = ".json"

  var controlNodes: [(name: String, node: ControlNode)] {
    [("status.json", .status), ("metrics", .metrics), ("checkpoints", .histories)]
      + source.reports.map { ($0.rawValue, .report($0)) }
  }

  static func timeName(of record: CheckpointRecord) -> String {
    TimeName(completed: record.completed, number: record.number).description
  }
}
