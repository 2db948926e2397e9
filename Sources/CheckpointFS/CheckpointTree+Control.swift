// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import FoundationEssentials
internal import LinuxFiles

/// The files of `.ckptfs`: made when they are asked for, and then whole.
extension CheckpointTree {
  package func content(of node: ControlNode) throws(TreeError) -> [UInt8] {
    switch node {
    case .status: encode(StatusReport(report()))
    case .metrics: Array(metrics().utf8)
    case .checkpoint(let id): encode(try checkpointReport(of: id))
    case .report(let report): try text(of: report)
    case .directory, .histories, .history: throw .isADirectory
    }
  }

  /// The size of a file comes from making it, so that `stat` tells the truth.
  func attributes(of node: ControlNode) throws(TreeError) -> NodeAttributes {
    let inode = Inode.control(node)
    switch node {
    case .directory, .histories:
      return .directory(inode, owner: mountOwner, modified: facts.mounted)
    case .history(let id):
      return attributes(of: inode, in: try history(id))
    case .status, .metrics, .report:
      return .file(
        inode, size: UInt64(try content(of: node).count), owner: mountOwner,
        modified: facts.mounted)
    case .checkpoint(let id):
      let completed = try checkpoint(id).completed
      return .file(
        inode, size: UInt64(try content(of: node).count), owner: mountOwner,
        modified: completed)
    }
  }

  private func metrics() -> String {
    // Without /proc there is nothing to be told of the process.
    MetricsReport(report(), process: try? ProcessUsage.ofThisProcess()).text
  }

  private func text(of report: SourceReport) throws(TreeError) -> [UInt8] {
    guard source.reports.contains(report) else { throw .absent }
    return try ask { source throws(SourceError) in try source.text(of: report) }
  }

  private func checkpointReport(of id: CheckpointID) throws(TreeError) -> CheckpointReport {
    let record = try checkpoint(id)
    var tags: [String] = []
    var last: Int64?
    while let end = try appendTags(of: record, after: last, to: &tags) { last = end }
    var entries: [CheckpointReport.File] = []
    try appendFiles(in: nil, of: id, to: &entries)
    return CheckpointReport(
      history: try history(record.history).name.rawValue, number: record.number.rawValue,
      completedAt: record.completed.rfc3339, files: record.files, fullBytes: record.fullBytes,
      newBytes: record.newBytes, tags: tags.sorted(), entries: entries)
  }

  /// - Returns: the key to go on after, or `nil` at the end.
  private func appendTags(
    of record: CheckpointRecord, after key: Int64?, to names: inout [String]
  ) throws(TreeError) -> Int64? {
    let tags = try tags(of: record.history, after: key, Self.portion)
    names += tags.lazy.filter { $0.checkpoint == record.id }.map(\.name.rawValue)
    return tags.last?.id.rawValue
  }

  /// Depth first. The depth is bounded, as a path is: 4,095 bytes.
  private func appendFiles(
    in directory: EntryPath?, of id: CheckpointID, to files: inout [CheckpointReport.File]
  ) throws(TreeError) {
    var next = 0
    while true {
      let records = try ask { source throws(SourceError) in
        try source.entries(of: id, in: directory, from: next, limit: Self.portion)
      }
      guard let last = records.last else { return }
      next = last.ordinal + 1
      for record in records {
        if let file = CheckpointReport.File(record, source.contentNaming) {
          files.append(file)
        } else if record.entry.kind == .directory {
          try appendFiles(in: record.entry.path, of: id, to: &files)
        }
      }
    }
  }
}

private func encode(_ report: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  do {
    return try Array(encoder.encode(report)) + [UInt8(ascii: "\n")]
  } catch {
    preconditionFailure("text and integers can be written as JSON: \(error)")
  }
}
