// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// Listings that need no memory between two calls.
///
/// The offset after a name is made of what names it durably: for "." and ".." and the other names that
/// are always there their place, and for those that follow them a key: the id of a history or
/// tag, the number of a checkpoint, the ordinal of an entry. What comes and goes meanwhile
/// shifts nothing: a name that stays is listed once, wherever a listing is cut.
extension CheckpointTree {
  /// The names in `directory` from `offset` on, at most `limit`; none at its end.
  ///
  /// - Parameter offset: 0, or the ``DirectoryItem/nextOffset`` of an earlier item.
  /// - Throws: ``TreeError/absent`` when the directory is not there (any more), at any offset.
  package func items(
    of directory: Inode, from offset: Int64, limit: Int
  ) throws(TreeError) -> [DirectoryItem] {
    precondition(limit >= 1, "a listing of no names never ends")
    // Users seek where they like. Before the start there is nothing.
    guard offset >= 0 else { return [] }
    let fixed = try fixedItems(of: directory)
    let first = Int64(fixed.count)
    let items = fixed.dropFirst(Int(min(offset, first))).compactMap(\.self).prefix(limit)
    guard items.count < limit, offset < .max else { return Array(items) }
    let key = offset > first ? offset - first - 1 : nil
    return try items
      + keyedItems(of: directory, after: key, limit: limit - items.count).map {
        $0.item(first: first)
      }
  }

  /// The names that are always there, each at its place: `nil` for one that is missing now.
  private func fixedItems(of directory: Inode) throws(TreeError) -> [DirectoryItem?] {
    var items: [DirectoryItem?] = [
      DirectoryItem(name: ".", inode: directory, nextOffset: 1),
      DirectoryItem(name: "..", inode: try parent(of: directory), nextOffset: 2),
    ]
    func append(_ name: String, _ attributes: NodeAttributes?) {
      let next = Int64(items.count) + 1
      items.append(attributes.map { .init(name: name.bytes, attributes: $0, nextOffset: next) })
    }
    switch directory {
    case .history(let id):
      let record = try history(id)
      let latest = try ask { source throws(SourceError) in try source.latestCheckpoint(of: id) }
      append(Self.latestName, latest.map(latestAttributes))
      append(Self.tagsName, attributes(of: .tags(id), in: record))
      append(Self.byTimeName, attributes(of: .byTime(id), in: record))
    case .control(.directory):
      for (name, node) in controlNodes {
        // Without attributes: the size of a file is known only once it is made.
        items.append(
          DirectoryItem(
            name: name.bytes, inode: .control(node), kind: node.isFile ? .file : .directory,
            nextOffset: Int64(items.count) + 1))
      }
    case .tags(let id), .byTime(let id), .control(.history(let id)):
      _ = try history(id)
    case .root, .latest, .tag, .time, .checkpoint, .entry, .shared, .control: break
    }
    return items
  }

  private func keyedItems(
    of directory: Inode, after key: Int64?, limit: Int
  ) throws(TreeError) -> [KeyedItem] {
    switch directory {
    case .root:
      try histories(after: key, limit).map { record in
        KeyedItem(record, attributes(of: .history(record.id), in: record))
      }
    case .control(.histories):
      try histories(after: key, limit).map { record in
        KeyedItem(record, attributes(of: .control(.history(record.id)), in: record))
      }
    case .history(let id):
      try checkpoints(of: id, after: key, limit).map { record in
        KeyedItem(record, record.number.directoryName, attributes(of: record))
      }
    case .byTime(let id):
      try checkpoints(of: id, after: key, limit).map { record in
        KeyedItem(record, Self.timeName(of: record), timeAttributes(record))
      }
    case .control(.history(let id)):
      try checkpoints(of: id, after: key, limit).map { record in
        KeyedItem(
          key: record.number.rawValue,
          name: (record.number.directoryName + Self.reportSuffix).bytes,
          report: .control(.checkpoint(record.id)))
      }
    case .tags(let id):
      try tags(of: id, after: key, limit).map { record in
        KeyedItem(
          key: record.id.rawValue, name: record.name.rawValue.bytes,
          attributes: attributes(of: record))
      }
    case .checkpoint(let id):
      try entries(of: id, in: nil, after: key, limit)
    case .entry(let id, let ordinal):
      try entries(of: id, in: try self.directory(ordinal, of: id), after: key, limit)
    case .control(.directory): []
    case .latest, .tag, .time, .shared, .control(.status), .control(.metrics),
      .control(.checkpoint), .control(.report):
      throw .notADirectory
    }
  }
}

extension CheckpointTree {
  private func histories(after key: Int64?, _ limit: Int) throws(TreeError) -> [HistoryRecord] {
    try ask { source throws(SourceError) in
      try source.histories(after: key.map(HistoryID.init), limit: limit)
    }
  }

  func checkpoints(
    of id: HistoryID, after key: Int64?, _ limit: Int
  ) throws(TreeError) -> [CheckpointRecord] {
    let number = key.flatMap(CheckpointNumber.init(rawValue:))
    // Users seek where they like, also past every number that there can be.
    if let key, key > 0, number == nil { return [] }
    return try ask { source throws(SourceError) in
      try source.checkpoints(of: id, after: number, limit: limit)
    }
  }

  func tags(of id: HistoryID, after key: Int64?, _ limit: Int) throws(TreeError) -> [TagRecord] {
    try ask { source throws(SourceError) in
      try source.tags(of: id, after: key.map(TagID.init), limit: limit)
    }
  }

  private func entries(
    of id: CheckpointID, in directory: EntryPath?, after key: Int64?, _ limit: Int
  ) throws(TreeError) -> [KeyedItem] {
    let completed = try checkpoint(id).completed
    let records = try ask { source throws(SourceError) in
      try source.entries(
        of: id, in: directory, from: key.map { Int($0) + 1 } ?? 0, limit: limit)
    }
    var items: [KeyedItem] = []
    items.reserveCapacity(records.count)
    for record in records {
      items.append(
        KeyedItem(
          key: Int64(record.ordinal), name: Array(record.entry.path.name),
          attributes: try attributes(of: record, in: id, completed: completed)))
    }
    return items
  }
}

/// A name together with the key that makes its offset.
private struct KeyedItem {
  let key: Int64
  let name: [UInt8]
  let inode: Inode
  let kind: NodeAttributes.Kind
  let attributes: NodeAttributes?

  init(key: Int64, name: [UInt8], attributes: NodeAttributes) {
    self.key = key
    self.name = name
    self.inode = attributes.inode
    self.kind = attributes.kind
    self.attributes = attributes
  }

  init(_ record: HistoryRecord, _ attributes: NodeAttributes) {
    self.init(
      key: record.id.rawValue, name: record.name.rawValue.bytes, attributes: attributes)
  }

  init(_ record: CheckpointRecord, _ name: String, _ attributes: NodeAttributes) {
    self.init(key: record.number.rawValue, name: name.bytes, attributes: attributes)
  }

  /// A report, whose size is known only once it is made: too dear for each name of a listing.
  init(key: Int64, name: [UInt8], report inode: Inode) {
    self.key = key
    self.name = name
    self.inode = inode
    kind = .file
    attributes = nil
  }

  /// - Parameter first: the offset before the first key.
  func item(first: Int64) -> DirectoryItem {
    DirectoryItem(
      name: name, inode: inode, kind: kind, attributes: attributes, nextOffset: first + 1 + key)
  }
}

extension DirectoryItem {
  fileprivate init(name: String, inode: Inode, nextOffset: Int64) {
    self.init(name: name.bytes, inode: inode, kind: .directory, nextOffset: nextOffset)
  }
}

extension String {
  fileprivate var bytes: [UInt8] { Array(utf8) }
}
