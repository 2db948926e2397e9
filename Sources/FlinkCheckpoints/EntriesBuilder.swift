// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Makes the tree of a checkpoint from its `_metadata`.
struct EntriesBuilder {
  fileprivate enum Item {
    case own(FlinkEntries.OwnContent, size: UInt64)
    case shared(StateFileRecord)
    case link(target: [UInt8])
    case directory
  }

  private let checkpoint: FlinkCheckpoint
  private let files: FileTable
  private var items: [EntryPath: Item] = [:]
  /// It refers to a file that it did not refer to when the index was made.
  private var isAnother = false

  init(_ checkpoint: FlinkCheckpoint, files: FileTable) {
    self.checkpoint = checkpoint
    self.files = files
  }

  /// - Returns: `nil` when the file is not the one that the index was made of.
  mutating func build(reading file: MetadataFile) throws(MetadataError) -> FlinkEntries? {
    var reader = try MetadataReader(file)
    var headers: [OperatorHeader] = []
    _ = try reader.forEachItem { item in
      switch item {
      case .operatorHeader(let header): headers.append(header)
      case .part(let part): add(part)
      case .reference: break
      }
    }
    guard !isAnother else { return nil }
    addLinks(headers)
    add("_metadata", .own(.wholeMetadata, size: file.size))
    let description = try MetadataDescription.size(of: file)
    add(MetadataDescription.fileName, .own(.description, size: description))
    addDirectories()
    return entries()
  }

  private mutating func add(_ part: StatePart) {
    guard let path = try? part.path else {
      // The reader refuses what is no name; only a path that is too long remains.
      return
    }
    switch PartContent(part, in: checkpoint.found.directory) {
    case .metadata(let range): items[path] = .own(.metadata(range), size: range.count)
    case .empty:
      items[path] = .own(.metadata(MetadataRange(offset: 0, count: 0)), size: 0)
    case .file(let reference):
      guard let index = files.index(of: reference) else {
        isAnother = true
        return
      }
      items[path] = .shared(files.records[index])
    }
  }

  private mutating func addLinks(_ headers: [OperatorHeader]) {
    let names = headers.compactMap { header in header.name.map { (name: $0, id: header.id) } }
    let uids = headers.compactMap { header in header.uid.map { (name: $0, id: header.id) } }
    for (directory, links) in [("by-name", OperatorLinks(names)), ("by-uid", OperatorLinks(uids))] {
      for (name, id) in links.links {
        add("\(directory)/\(name)", .link(target: Array("../\(id)".utf8)))
      }
    }
    // Operators without state have a directory, too, so that no link leads nowhere.
    for header in headers { add(header.id.description, .directory) }
  }

  private mutating func add(_ path: String, _ item: Item) {
    guard let path = try? EntryPath(path) else {
      preconditionFailure("'\(path)' was made of escaped names")
    }
    items[path] = item
  }

  private mutating func addDirectories() {
    for path in items.keys {
      var parent = path.parent
      while let directory = parent, items[directory] == nil {
        items[directory] = .directory
        parent = directory.parent
      }
    }
  }

  private func entries() -> FlinkEntries {
    let ordered = items.map { (path: $0.key, item: $0.value, isShared: $0.value.isShared) }
      .sorted { first, second in
        first.isShared == second.isShared ? first.path < second.path : second.isShared
      }
    var own: [Int: FlinkEntries.OwnContent] = [:]
    let records = ordered.enumerated().map { ordinal, element in
      if case .own(let content, _) = element.item { own[ordinal] = content }
      return record(ordinal, element.path, element.item)
    }
    return FlinkEntries(records: records, own: own)
  }

  private func record(_ ordinal: Int, _ path: EntryPath, _ item: Item) -> EntryRecord {
    let record = checkpoint.record
    let kind: Entry.Kind
    var owner = record.owner
    var references: Int64 = 1
    switch item {
    case .directory: kind = .directory
    case .link(let target): kind = .link(target: target)
    case .own(_, let size):
      let key = ContentKey.own(record.id, ordinal: ordinal)
      kind = .own(Content(digest: key.digest, size: size, modified: record.completed))
    case .shared(let file):
      kind = .shared(file.content)
      owner = file.owner ?? owner
      references = file.references
    }
    return EntryRecord(
      ordinal: ordinal, entry: Entry(path: path, kind: kind), owner: owner,
      references: references)
  }
}

extension EntriesBuilder.Item {
  fileprivate var isShared: Bool { if case .shared = self { true } else { false } }
}
