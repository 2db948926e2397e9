// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Makes an index, and later another one from what has changed since.
struct IndexBuilder {
  private enum Outcome {
    case read(CheckpointSummary)
    case damaged(DamagedCheckpoint)
    /// It may be readable the next time.
    case unreadable(DamagedCheckpoint)

    var isFinal: Bool { if case .unreadable = self { false } else { true } }
  }

  /// A table with this many files that nobody uses is made anew.
  private static let toleratedUnusedFiles = 4096
  /// How many checkpoints are read at a time.
  private static let portion = 16

  let root: FilePath
  private let finder: FileFinder
  private var files: FileTable
  private var outcomes: [FoundCheckpoint: Outcome] = [:]
  private var passedOver: [DamagedCheckpoint] = []

  /// - Parameters:
  ///   - root: what is shown.
  ///   - finder: finds files also beside `root`, where that is one checkpoint.
  init(root: FilePath, finder: FileFinder) {
    self.root = root
    self.finder = finder
    files = FileTable(finder: finder)
  }

  /// Looks what there is now.
  ///
  /// - Returns: `nil` when nothing has changed since the last time.
  mutating func update() throws(FileError) -> FlinkIndex? {
    let discovery = try CheckpointDiscovery(root: root)
    let found = discovery.found
    let present = Set(found)
    outcomes = outcomes.filter { $0.value.isFinal }
    if !outcomes.isEmpty, present.count == outcomes.count, discovery.passedOver == passedOver,
      present.allSatisfy({ outcomes[$0] != nil })
    {
      return nil
    }
    passedOver = discovery.passedOver
    outcomes = outcomes.filter { present.contains($0.key) }
    read(found.filter { outcomes[$0] == nil })
    try countFiles()
    return index(of: found)
  }

  /// In portions, since a draft needs far more memory than its summary.
  private mutating func read(_ checkpoints: [FoundCheckpoint]) {
    for start in stride(from: 0, to: checkpoints.count, by: Self.portion) {
      let portion = checkpoints[start...].prefix(Self.portion)
      for (checkpoint, draft) in zip(portion, CheckpointDraft.reading(portion.map(\.directory))) {
        outcomes[checkpoint] = outcome(of: draft, checkpoint.directory)
      }
    }
  }

  private mutating func outcome(
    of draft: Result<CheckpointDraft, MetadataError>, _ directory: FilePath
  ) -> Outcome {
    switch draft {
    case .success(let draft): return .read(CheckpointSummary(draft, files: &files))
    case .failure(let error):
      var isTruncated = false
      if case .truncated = error.flaw { isTruncated = true }
      let damaged = DamagedCheckpoint(
        directory: directory, message: error.description, isTruncated: isTruncated)
      if case .unreadable = error.flaw { return .unreadable(damaged) }
      return .damaged(damaged)
    }
  }

  private mutating func countFiles() throws(FileError) {
    files.count(summaries.map(\.files))
    guard files.unused > max(Self.toleratedUnusedFiles, files.records.count / 2) else { return }
    files = FileTable(finder: finder)
    read(Array(outcomes.keys))
    files.count(summaries.map(\.files))
  }

  private var summaries: [CheckpointSummary] {
    outcomes.values.compactMap { if case .read(let summary) = $0 { summary } else { nil } }
  }
}

/// Records.
extension IndexBuilder {
  private func index(of found: [FoundCheckpoint]) -> FlinkIndex {
    var histories: [HistoryRecord] = []
    var checkpoints: [HistoryID: [FlinkCheckpoint]] = [:]
    var damaged = passedOver
    let groups = Dictionary(grouping: found, by: \.history)
    let names = HistoryNames(groups.keys.map { (path: $0, name: name(of: $0)) })
    var ids: Set<Int64> = []
    for path in groups.keys.sorted() {
      let id = HistoryID(rawValue: unusedID("history \(path)", &ids))
      var members: [(CheckpointNumber, FoundCheckpoint, CheckpointSummary)] = []
      for checkpoint in groups[path] ?? [] {
        switch outcomes[checkpoint] {
        case .read(let summary):
          members.append((number(of: checkpoint, summary), checkpoint, summary))
        case .damaged(let damage), .unreadable(let damage): damaged.append(damage)
        case nil: break
        }
      }
      guard !members.isEmpty, let name = names[path] else { continue }
      let all = records(members.sorted { $0.0 < $1.0 }, of: id, path, &ids)
      checkpoints[id] = all
      histories.append(
        HistoryRecord(
          id: id, name: name,
          changed: all.last?.record.completed ?? Timestamp(nanoseconds: 0)))
    }
    return FlinkIndex(
      histories: histories.sorted { $0.id < $1.id }, checkpoints: checkpoints, files: files,
      damaged: damaged.sorted { $0.directory.string < $1.directory.string })
  }

  /// What a job or savepoint is called: as its directory.
  private func name(of history: String) -> String {
    if let last = history.split(separator: "/").last { return String(last) }
    // One checkpoint is shown as part of its job, which is the directory above.
    let isCheckpoint = CheckpointNumber(directoryName: root.lastComponent?.string ?? "") != nil
    let directory = isCheckpoint ? root.removingLastComponent() : root
    return directory.lastComponent?.string ?? "root"
  }

  /// Tools that write savepoints number them 0, which no checkpoint of a job has.
  private func number(
    of found: FoundCheckpoint, _ summary: CheckpointSummary
  ) -> CheckpointNumber {
    CheckpointNumber(rawValue: found.number ?? summary.checkpoint) ?? .first
  }

  private func records(
    _ members: [(CheckpointNumber, FoundCheckpoint, CheckpointSummary)], of history: HistoryID,
    _ path: String, _ ids: inout Set<Int64>
  ) -> [FlinkCheckpoint] {
    var completed = Int64.min
    var earlier: [Int32] = []
    return members.map { number, found, summary in
      // Copies may have lost the times, but the order of numbers is that of completion.
      completed = max(found.status.modified, completed &+ 1)
      let new = summary.files.missing(from: earlier)
      earlier = summary.files
      // With what tells it from another of the same number, after a job began anew.
      let name =
        "checkpoint \(path)/\(number.rawValue) \(found.status.size) \(found.status.modified)"
      let record = CheckpointRecord(
        id: CheckpointID(rawValue: unusedID(name, &ids)),
        history: history, number: number, completed: Timestamp(nanoseconds: completed),
        owner: Ownership(user: found.status.user, group: found.status.group),
        files: summary.parts, fullBytes: bytes(summary.files, summary.inlineBytes),
        newBytes: bytes(new, summary.inlineBytes))
      return FlinkCheckpoint(found: found, record: record, summary: summary)
    }
  }

  private func bytes(_ indices: [Int32], _ inline: UInt64) -> Int64 {
    Int64(clamping: indices.reduce(inline) { $0 &+ files.records[Int($1)].size })
  }

  /// The same for the same name in every mount, unless two names ever met in one number.
  private func unusedID(_ name: String, _ ids: inout Set<Int64>) -> Int64 {
    var id = Digest.durableID(of: name)
    while !ids.insert(id).inserted { id = Digest.durableID(of: "\(name) \(id)") }
    return id
  }
}

extension CheckpointNumber {
  fileprivate static var first: CheckpointNumber {
    guard let first = CheckpointNumber(rawValue: 1) else { preconditionFailure("1 is a number") }
    return first
  }
}

extension [Int32] {
  /// The elements that `other` does not have; both ascend.
  fileprivate func missing(from other: [Int32]) -> [Int32] {
    var missing: [Int32] = []
    var place = 0
    for element in self {
      while place < other.count, other[place] < element { place += 1 }
      if place == other.count || other[place] != element { missing.append(element) }
    }
    return missing
  }
}
