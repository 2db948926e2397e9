// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage

/// Which databases a live snapshot cannot be taken of, by their settings.
enum LiveSettings {
  private static let refused: [(key: String, reason: String)] = [
    ("recycle_log_file_num", "it writes new logs over old ones in place"),
    ("manual_wal_flush", "writes that it acknowledged may not have reached the log's file"),
    ("allow_2pc", "transactions that are prepared lie in logs that its MANIFEST does not count on"),
    ("two_write_queues", "its log and its tables do not follow one order"),
    ("allow_mmap_writes", "its files are longer than what is written in them"),
  ]

  /// - Throws: code `unsupported` with the setting and the reason.
  static func check(_ settings: DatabaseSettings, of directory: FilePath) throws {
    for (key, reason) in refused where settings.isOn(key) {
      throw refusal(directory, "is set to \(key)=\(settings[key] ?? "true"): \(reason)")
    }
    if let logs = settings["wal_dir"], try isAnother(FilePath(logs), directory) {
      throw refusal(directory, "has its logs in '\(logs)' (wal_dir)")
    }
  }

  static func refusal(_ directory: FilePath, _ clause: String) -> SnapshotError {
    SnapshotError(
      .unsupported,
      "'\(directory)' \(clause); a live snapshot cannot be relied on then: let the program make a "
        + "RocksDB checkpoint and commit that, or close it and leave --live out")
  }

  /// A path that is not there is one of a container, or of before a move: then the logs that are found tell.
  private static func isAnother(_ path: FilePath, _ directory: FilePath) throws -> Bool {
    do throws(FileError) {
      return try !FileStatus(following: path).isOfSameFile(as: FileStatus(at: directory))
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return false }
      throw error
    }
  }
}
