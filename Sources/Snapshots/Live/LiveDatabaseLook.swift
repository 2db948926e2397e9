// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// How the files of a database looked at one moment, to tell later whether anything was written since.
///
/// Whatever a live snapshot can hold is in a file whose name, size or identity it changes: logs and MANIFESTs only grow, tables and
/// CURRENT are made under another name first, and no number is given twice. So one that was taken after a look holds all, until a
/// look differs. What a live snapshot cannot see (``LiveSnapshotReport/assumptions``) no look can either.
public struct LiveDatabaseLook: Sendable {
  private let files: [String: FileStatus]

  init(at directory: FilePath) throws(FileError) {
    let names = try DirectoryListing.names(in: directory)
      .compactMap { String(validating: $0, as: UTF8.self) }.filter(Self.counts)
    let statuses = try FileStatus.ifPresent(at: names.map { directory.appending($0) })
    var files: [String: FileStatus] = [:]
    for (name, status) in zip(names, statuses) { files[name] = status }
    self.files = files
  }

  /// What a snapshot is made of: neither RocksDB's diagnostics nor what is not RocksDB's.
  private static func counts(_ name: String) -> Bool {
    switch DirectoryEntry(name) {
    case .table, .blob, .log, .manifest, .current, .options: true
    case .identity, .lock, .infoLog, .temporary, .foreign: false
    }
  }

  /// Whether nothing was written between the two; `false` also where nobody can tell.
  public func isSame(as earlier: LiveDatabaseLook) -> Bool {
    guard !files.isEmpty, files.count == earlier.files.count else { return false }
    return files.allSatisfy { name, now in
      // Without a time of birth an inode may be another file's by now.
      guard let before = earlier.files[name], now.born != nil else { return false }
      return now.isUnchanged(since: before)
    }
  }
}
