// SPDX-License-Identifier: Apache-2.0

/// The live files of a database, as far as its MANIFEST has been replayed.
///
/// The rules are those of RocksDB's VersionEditHandler and VersionBuilder: what these refuse as
/// corruption is refused here.
struct VersionState {
  /// An edit contradicts those before it.
  struct Contradiction: Error {
    let reason: String
  }

  struct Blob {
    let sizeOnDisk: UInt64
    let blobCount: UInt64
    var garbageCount: UInt64 = 0
  }

  struct Family {
    let name: String
    var comparator: String?
    var logNumber = FileNumber(rawValue: 0)
    /// The last flush set the log number that was there already: see ``DatabaseDescription/ColumnFamily/skipsLog``.
    var skipsLog = false
    var tables: [FileNumber: VersionEdit.NewTable] = [:]
    var blobs: [FileNumber: Blob] = [:]
  }

  private(set) var families: [ColumnFamilyID: Family] = [.default: Family(name: "default")]
  /// Deleted ones are still among them: removing them edit by edit would cost a forged MANIFEST
  /// quadratic time.
  private var trackedLogs: [FileNumber: TrackedLog] = [:]
  private(set) var lastSequence: UInt64?
  private(set) var nextFileNumber: FileNumber?
  private(set) var minimumLogNumberToKeep: FileNumber?
  private(set) var databaseID: String?
  private(set) var hasLogNumber = false
  private var group: [VersionEdit] = []
  private var logsDeletedBefore = FileNumber(rawValue: 0)

  var logs: [TrackedLog] { trackedLogs.values.filter { $0.number >= logsDeletedBefore } }

  /// Whether an atomic group has begun and its end is not yet read.
  var isInsideGroup: Bool { !group.isEmpty }

  /// Applies `edit`, or keeps it until the atomic group it is in is complete.
  mutating func append(_ edit: VersionEdit) throws(Contradiction) {
    guard let remaining = edit.remainingInGroup else {
      guard group.isEmpty else {
        throw Contradiction(reason: "an atomic group is interrupted")
      }
      return try apply(edit)
    }
    if let last = group.last?.remainingInGroup, last != remaining &+ 1 || last == 0 {
      throw Contradiction(reason: "an atomic group has the wrong number of edits")
    }
    group.append(edit)
    guard remaining == 0 else { return }
    let complete = group
    group = []
    for edit in complete { try apply(edit) }
  }

  /// Takes back the edits of a group that is not complete: they were not applied, and are to be read again.
  mutating func forgetIncompleteGroup() { group = [] }

  private mutating func apply(_ edit: VersionEdit) throws(Contradiction) {
    try applyColumnFamilyChange(edit)
    trackLogs(edit)
    if families[edit.columnFamily] != nil {
      try applyFiles(edit)
    } else if edit.columnFamilyChange != .drop {
      throw Contradiction(reason: "column family \(edit.columnFamily.rawValue) does not exist")
    }
    lastSequence = edit.lastSequence ?? lastSequence
    nextFileNumber = edit.nextFileNumber ?? nextFileNumber
    databaseID = edit.databaseID ?? databaseID
    if let number = edit.minimumLogNumber {
      minimumLogNumberToKeep = max(number, minimumLogNumberToKeep ?? number)
    }
  }

  private mutating func applyColumnFamilyChange(_ edit: VersionEdit) throws(Contradiction) {
    switch edit.columnFamilyChange {
    case .add(let name):
      guard families[edit.columnFamily] == nil else {
        throw Contradiction(reason: "column family \(name) is added twice")
      }
      families[edit.columnFamily] = Family(name: name)
    case .drop:
      guard edit.columnFamily != .default, families.removeValue(forKey: edit.columnFamily) != nil
      else {
        throw Contradiction(
          reason: "column family \(edit.columnFamily.rawValue) is dropped but does not exist")
      }
    case nil: break
    }
  }

  private mutating func applyFiles(_ edit: VersionEdit) throws(Contradiction) {
    // Taken out and put back, so that the dictionaries inside are changed in place.
    guard var family = families.removeValue(forKey: edit.columnFamily) else { return }
    defer { families[edit.columnFamily] = family }
    family.comparator = edit.comparator ?? family.comparator
    if let number = edit.logNumber {
      hasLogNumber = true
      if number > family.logNumber {
        family.skipsLog = false
      } else if edit.isFlush && number.rawValue > 0 {
        family.skipsLog = true
      }
      family.logNumber = max(number, family.logNumber)
    }
    for blob in edit.newBlobs { try family.add(blob) }
    for garbage in edit.blobGarbage { try family.count(garbage) }
    for deletion in edit.deletedTables {
      guard family.tables.removeValue(forKey: deletion.number)?.level == deletion.level else {
        throw Contradiction(
          reason: "\(deletion.number.tableName) is deleted from level \(deletion.level), "
            + "where it is not")
      }
    }
    for table in edit.newTables {
      guard family.tables.updateValue(table, forKey: table.number) == nil else {
        throw Contradiction(reason: "\(table.number.tableName) is added twice")
      }
    }
  }

  private mutating func trackLogs(_ edit: VersionEdit) {
    for log in edit.trackedLogs where log.number >= logsDeletedBefore {
      // Edits with different sizes of one log may be written out of order.
      let known = trackedLogs[log.number]?.syncedSize
      let size = log.syncedSize.map { max($0, known ?? 0) } ?? known
      trackedLogs[log.number] = TrackedLog(number: log.number, syncedSize: size)
    }
    logsDeletedBefore = max(logsDeletedBefore, edit.logsDeletedBefore ?? logsDeletedBefore)
  }
}

extension VersionState.Family {
  mutating func add(_ new: VersionEdit.NewBlob) throws(VersionState.Contradiction) {
    let (size, overflow) = new.blobBytes.addingReportingOverflow(LiveBlob.framing)
    guard !overflow else {
      throw VersionState.Contradiction(reason: "\(new.number.blobName) has an impossible size")
    }
    let blob = VersionState.Blob(sizeOnDisk: size, blobCount: new.blobCount)
    guard blobs.updateValue(blob, forKey: new.number) == nil else {
      throw VersionState.Contradiction(reason: "\(new.number.blobName) is added twice")
    }
  }

  mutating func count(_ garbage: VersionEdit.BlobGarbage) throws(VersionState.Contradiction) {
    guard let known = blobs[garbage.number]?.garbageCount,
      case (let total, let overflow) = known.addingReportingOverflow(garbage.blobCount), !overflow
    else {
      throw VersionState.Contradiction(
        reason: "garbage is counted in \(garbage.number.blobName), which does not have it")
    }
    blobs[garbage.number]?.garbageCount = total
  }

  /// The blob files that RocksDB keeps in its newest version.
  ///
  /// A MANIFEST records no deletion of blob files: one is obsolete when no table refers to it or to
  /// a blob file of a smaller number, or when no table refers to it and all of it is garbage.
  var liveBlobs: [(number: FileNumber, sizeOnDisk: UInt64)] {
    let linked = Set(tables.values.lazy.compactMap(\.oldestBlob)).filter { blobs[$0] != nil }
    guard let oldest = linked.min() else { return [] }
    return blobs.compactMap { number, blob in
      guard number >= oldest, linked.contains(number) || blob.garbageCount < blob.blobCount else {
        return nil
      }
      return (number, blob.sizeOnDisk)
    }
  }
}
