// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import FlinkMetadata
import LinuxFiles
package import SystemPackage

extension FlinkSource {
  /// How old a file must be before it counts as unreferenced: Flink gives a checkpoint ten minutes.
  package static let defaultMinimumAge: Duration = .seconds(600)

  package var reports: [SourceReport] { SourceReport.allCases }

  /// Lines of fields that tabs divide. Unreferenced: size, age in seconds, path; before them checkpoints that were not read,
  /// whose files may be among these, with "-" for size and age, no path, their directory, and why. Missing: where it would
  /// be shown, what it is, the recorded path, why; and checkpoints that cannot be read as a whole.
  ///
  /// They are of a moment ago: a mount makes them for each look at their size, and each makes the source
  /// look at every file.
  package func text(of report: SourceReport) throws(SourceError) -> [UInt8] {
    try keptText(of: report) { () throws(SourceError) in try newText(of: report) }
  }

  private func newText(of report: SourceReport) throws(SourceError) -> [UInt8] {
    var text = ""
    switch report {
    case .unreferenced:
      let now = Timestamp(nanoseconds: WallClock.now())
      let found = try unreferenced(minimumAge: Self.defaultMinimumAge, now: now)
      for checkpoint in found.unread {
        let path = checkpoint.directory.string.printable
        text += "-\t-\t\t\(path)\t\(checkpoint.message.printable)\n"
      }
      for file in found.files {
        let age = max(0, now.nanoseconds - file.modified.nanoseconds) / 1_000_000_000
        text += "\(file.size)\t\(age)\t\(file.path.string.printable)\n"
      }
    case .missing:
      for checkpoint in try damaged {
        let path = checkpoint.directory.string.printable
        text += "-\t_metadata\t\(path)\t\(checkpoint.message.printable)\n"
      }
      for file in try missingFiles() {
        text += "\(file.place)\t\(file.part)\t\(file.path.printable)\t\(file.reason.printable)\n"
      }
    }
    return Array(text.utf8)
  }

  /// The bytes that no other checkpoint has.
  package func uniqueBytes(of id: CheckpointID) throws(SourceError) -> Int64 {
    let index = try current()
    guard let summary = index.checkpoint(id)?.summary else { return 0 }
    let records = summary.files.lazy.map { index.files.records[Int($0)] }
    return Int64(
      clamping: records.filter { $0.references == 1 }.reduce(summary.inlineBytes) { $0 &+ $1.size })
  }

  /// Looks for files below the directory that none of its checkpoints uses.
  ///
  /// - Parameter minimumAge: files that were written later may belong to a running checkpoint.
  package func unreferenced(
    minimumAge: Duration, now: Timestamp
  ) throws(SourceError) -> Unreferenced {
    let age = minimumAge.components.seconds * 1_000_000_000
    let latest = Timestamp(nanoseconds: now.nanoseconds - age)
    let before = try lookedAtNow()
    var search: UnreferencedSearch
    do throws(FileError) {
      search = try UnreferencedSearch(FilesInUse(before), root: root, latest: latest)
    } catch {
      throw SourceError(.unavailable, "cannot look into '\(root)': \(error)", cause: error)
    }
    // What took longer than the age to complete has files that were found, and may have completed meanwhile.
    let after = try lookedAtNow()
    search.leaveOut(FilesInUse(after))
    return Unreferenced(
      files: search.found, checkpoints: after.checkpoints.values.reduce(0) { $0 + $1.count },
      unread: after.damaged + search.unseen)
  }

  /// Files outside the directory, and where no mapping leads, that checkpoints are shown from, sorted by path: as where only
  /// a part of a job was copied.
  ///
  /// - Parameter checkpoint: the one that is shown from them; `nil` for any.
  package func outsideFiles(of checkpoint: CheckpointID? = nil) throws(SourceError) -> [FilePath] {
    let index = try current()
    let records =
      if let checkpoint {
        index.checkpoint(checkpoint)?.summary.files.map { index.files.records[Int($0)] } ?? []
      } else {
        index.files.records.filter { $0.references > 0 }
      }
    let paths = records.compactMap { record -> FilePath? in
      guard case .file(let path) = record.place, !finder.isInside(path) else { return nil }
      return path
    }
    return Set(paths).sorted { $0.string < $1.string }
  }

  /// Files that checkpoints refer to and that are absent or of another size, by checkpoint.
  ///
  /// It looks at every file anew.
  package func missingFiles() throws(SourceError) -> [MissingFile] {
    let index = try current()
    var reasons: [Int32: String] = [:]
    var finder = finder
    for (number, record) in index.files.records.enumerated() where record.references > 0 {
      reasons[Int32(number)] = record.lookedFor(with: &finder).problemNow()
    }
    var missing: [MissingFile] = []
    guard !reasons.isEmpty else { return missing }
    for history in index.histories.sorted(by: { $0.name < $1.name }) {
      for checkpoint in index.checkpoints[history.id] ?? []
      where checkpoint.summary.files.contains(where: { reasons[$0] != nil }) {
        missing += try missingFiles(of: checkpoint, history.name, index.files, reasons)
      }
    }
    return missing
  }

  private func missingFiles(
    of checkpoint: FlinkCheckpoint, _ history: HistoryName, _ files: FileTable,
    _ reasons: [Int32: String]
  ) throws(SourceError) -> [MissingFile] {
    var missing: [MissingFile] = []
    do throws(MetadataError) {
      var reader = try MetadataReader(metadata(of: checkpoint))
      _ = try reader.forEachItem { item in
        guard case .part(let part) = item,
          case .file(let reference) = PartContent(part, in: checkpoint.found.directory),
          let number = files.index(of: reference), let reason = reasons[Int32(number)]
        else { return }
        missing.append(
          MissingFile(
            history: history, number: checkpoint.record.number,
            operatorID: part.owner.operatorID, subtask: part.owner.subtask, part: part.name,
            path: reference.path, reason: reason))
      }
    } catch {
      // Its checkpoint was dropped meanwhile, and needs nothing any more.
      if case .unreadable(.noSuchFileOrDirectory) = error.flaw { return [] }
      throw SourceError(.unavailable, error.description, cause: error)
    }
    return missing
  }
}

extension StatePart.Owner {
  fileprivate var operatorID: OperatorID? {
    switch self {
    case .master: nil
    case .coordinator(let id), .subtask(let id, _): id
    }
  }

  fileprivate var subtask: Int32? {
    switch self {
    case .master, .coordinator: nil
    case .subtask(_, let subtask): subtask
    }
  }
}
