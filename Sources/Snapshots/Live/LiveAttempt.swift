// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// One try to catch a moment of a database that is being written.
///
/// All files there are get a second name first, so that none that matters can go any more; then the MANIFEST tells
/// which of them matter, and what was born meanwhile gets a second name too; then the logs are copied, the newest up to its
/// last whole batch. Whatever is in the MANIFEST was in a log before, so logs that are read after it hold all since.
/// What is left to prove is that no log was born and removed in between, and that nothing happened that logs
/// do not tell.
struct LiveAttempt {
  let database: LiveDirectory
  /// Where second names are kept; empty at first.
  let pins: FilePath
  /// What becomes the snapshot; empty at first.
  let target: FilePath

  /// - Parameter reading: what earlier tries have read of the MANIFEST, of which only the rest is read; `nil` after an error.
  /// - Throws: ``Unsettled`` where another try may succeed.
  func run(_ reading: inout ManifestReading?) throws -> LiveMoment {
    let manifest = try pinManifest()
    let pinned = try FileStatus(at: pins.appending(manifest.manifestName))
    var replay =
      reading?.replay(of: manifest, pinned) ?? ManifestReplay(manifest, in: pins)
    reading = nil
    let listing = try pinFiles(besides: [])
    let (settings, name, content) = try readSettings(listing)
    try LiveSettings.check(settings, of: database.path)
    let description = try database.judging { () throws(RocksDirectoryError) in try replay.advance()
    }
    reading = ManifestReading(replay, pinned)
    _ = try pinFiles(besides: Set(listing.pinned))
    var isBesideLogs = false
    let afterPinning = try advance(&replay, &isBesideLogs)
    reading = ManifestReading(replay, pinned)
    try keepTables(description)
    let logs = LogChain(try keepLogs(description, settings), of: database.path)
    let highest = listing.logs.max()
    if !logs.isWhole(from: description.minimumLogNumber, seen: highest),
      mayHaveMissed(description, afterPinning, highestLog: highest)
    {
      throw Unsettled("a log may have come and gone unseen")
    }
    try logs.check(description)
    try recheck(description, &replay, isBesideLogs)
    try keepMetadata(description, optionsName: name, options: content)
    return LiveMoment(
      description: description, logs: logs, settings: settings, foreign: listing.foreign.sorted())
  }

  // MARK: Pinning

  private func pinManifest() throws -> FileNumber {
    let manifest = try database.currentManifest()
    guard try database.link(manifest.manifestName, as: pins.appending(manifest.manifestName)) else {
      throw Unsettled("its MANIFEST was rewritten")
    }
    return manifest
  }

  private func pinFiles(besides pinned: Set<String>) throws -> LiveDirectory.Listing {
    let listing = try database.list()
    for name in listing.pinned where !pinned.contains(name) {
      // What is gone already is in no MANIFEST that is read from now on.
      _ = try database.link(name, as: pins.appending(name))
    }
    return listing
  }

  private func readSettings(
    _ listing: LiveDirectory.Listing
  ) throws -> (DatabaseSettings, name: String, content: [UInt8]) {
    guard let number = listing.options else {
      throw LiveSettings.refusal(
        database.path, "has no OPTIONS file, so that nothing tells how it writes its logs")
    }
    let content = try database.settings(number)
    return (DatabaseSettings(content), number.optionsName, content)
  }

  // MARK: Keeping

  private func keepTables(_ description: DatabaseDescription) throws {
    for table in description.tables {
      try keep([table.name, table.number.legacyTableName], size: table.size, description)
    }
    for blob in description.blobs { try keep([blob.name], size: blob.sizeOnDisk, description) }
  }

  private func keep(_ names: [String], size: UInt64, _ description: DatabaseDescription) throws {
    for name in names {
      let (pin, kept) = (pins.appending(name), target.appending(name))
      guard try FileSystemCalls.exists(pin) else { continue }
      try FileSystemCalls.rename(pin, to: kept)
      let status = try FileStatus(at: kept)
      if status.kind == .regular && status.size == size { return }
      throw Unsettled(
        lasting: SnapshotError(
          .incomplete,
          "'\(database.path.appending(name))' has \(status.size) bytes instead of \(size): the database "
            + "is damaged"))
    }
    throw Unsettled(
      lasting: SnapshotError(
        .incomplete,
        "'\(database.path.appending(names[0]))', which \(description.manifestName) names, is absent: the "
          + "database is damaged, or has files in other directories (db_paths), which a live snapshot "
          + "does not cover"))
  }

  private func keepLogs(
    _ description: DatabaseDescription, _ settings: DatabaseSettings
  ) throws -> [LogContents] {
    // Of those that were pinned only the newest can still grow.
    let numbers = try LiveDirectory(path: pins).list().logs
      .filter { $0 >= description.minimumLogNumber }.sorted()
    guard !numbers.isEmpty else {
      let place = settings["wal_dir"].map { ", but in '\($0)' (wal_dir)" } ?? ""
      throw Unsettled(
        lasting: LiveSettings.refusal(
          database.path, "has no log that it needs in its directory\(place)"))
    }
    return try numbers.map(keepLog)
  }

  private func keepLog(_ number: FileNumber) throws -> LogContents {
    let copy = target.appending(number.logName)
    try FileCopy.copy(pins.appending(number.logName), to: copy)
    // What is judged is what is kept: the copy is read, not the log.
    let log = try database.judging { () throws(RocksDirectoryError) in
      try LogContents(reading: copy, number: number)
    }
    // Where a process was killed a log may end so that is not the newest; no sequence number is missing then.
    if log.tail != .complete { try FileSystemCalls.truncate(copy, to: log.validLength) }
    return log
  }

  private func keepMetadata(
    _ description: DatabaseDescription, optionsName: String, options: [UInt8]
  ) throws {
    let manifest = description.manifestName
    try FileCopy.copy(
      pins.appending(manifest), to: target.appending(manifest),
      bytes: description.manifestValidLength)
    try FileCopy.write(options, to: target.appending(optionsName))
    try FileCopy.write(Array("\(manifest)\n".utf8), to: target.appending(CurrentFile.name))
  }

  // MARK: Proving

  private func recheck(
    _ description: DatabaseDescription, _ replay: inout ManifestReplay, _ wasBesideLogs: Bool
  ) throws {
    guard try database.currentManifest() == description.manifest,
      try isPinned(description.manifestName)
    else { throw Unsettled("its MANIFEST was rewritten") }
    var isBesideLogs = wasBesideLogs
    _ = try advance(&replay, &isBesideLogs)
    if isBesideLogs {
      throw Unsettled("a table was ingested, or a column family came or went")
    }
  }

  /// - Parameter isBesideLogs: becomes `true` where what is read now tells of something that logs do not.
  private func advance(
    _ replay: inout ManifestReplay, _ isBesideLogs: inout Bool
  ) throws -> DatabaseDescription {
    try database.judging { () throws(RocksDirectoryError) in
      try replay.advance { edit, _ in if edit.isBesideLogs { isBesideLogs = true } }
    }
  }

  /// Whether a log younger than `highestLog`, the last that was pinned, may have been needed no more by `now`, read
  /// after the last pin.
  ///
  /// Each family is asked, too: early versions do not record the least number, and a family that is not written to keeps
  /// it low.
  private func mayHaveMissed(
    _ description: DatabaseDescription, _ now: DatabaseDescription, highestLog: FileNumber?
  ) -> Bool {
    let next = FileNumber(rawValue: (highestLog?.rawValue ?? 0) + 1)
    let before = Dictionary(
      uniqueKeysWithValues: description.columnFamilies.map { ($0.id, $0.logNumber) })
    return now.minimumLogNumber > max(next, description.minimumLogNumber)
      || now.columnFamilies.contains { $0.logNumber > max(next, before[$0.id] ?? next) }
  }

  /// Whether the file that has the name in the database is still the one that was pinned: a database that was destroyed
  /// and made anew uses names again, but no inode that still has a name.
  private func isPinned(_ name: String) throws -> Bool {
    guard let now = try FileStatus(ifPresent: database.path.appending(name)) else { return false }
    return now.isOfSameFile(as: try FileStatus(at: pins.appending(name)))
  }
}
