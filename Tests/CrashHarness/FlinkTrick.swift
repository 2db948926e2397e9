// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc

/// What is wrong with a checkpoint of Flink's, or with where its files lie (promise P10).
package enum FlinkTrick: String, Codable, CaseIterable, Hashable, Sendable {
  // These are refused. A file is recorded beyond the job's directory, and not named as Flink names files.
  case outsidePath, parentPath
  /// A file of RocksDB has a name that leads out of the database, or that no file can have.
  case parentName, overlongName
  /// In the place of a file.
  case fileLink, pipe, shorterFile, nothing
  /// A hard link to a file that the directory's owner may not read.
  case borrowedFile, borrowedMetadata
  case metadataLink, cutMetadata, foreignMetadata

  // These are kept. A directory of files that are named as Flink names them may lie elsewhere.
  case sharedLink
  case strangeNames, longName

  /// Only to root is a file given that others may not read.
  static let possible = allCases.filter {
    geteuid() == 0 || ($0 != .borrowedFile && $0 != .borrowedMetadata)
  }

  var refusal: StoreError.Code? {
    switch self {
    case .outsidePath, .parentPath, .parentName, .overlongName, .fileLink, .pipe, .shorterFile,
      .nothing, .borrowedFile, .borrowedMetadata, .metadataLink, .cutMetadata, .foreignMetadata:
      .damaged
    case .sharedLink, .strangeNames, .longName: nil
    }
  }

  /// What the RocksDB directory has because of it.
  var added: [SyntheticFile] {
    switch self {
    case .strangeNames:
      let names = ["a\nb", "\u{1B}[31m", "\u{7F}\"\\", "-rf", " ", "é%41"]
      return names.enumerated().map { SyntheticFile($1, 20 + $0, isShared: false) }
    case .longName:
      return [SyntheticFile(String(repeating: "n", count: 255), 20, isShared: false)]
    case .overlongName:
      return [SyntheticFile(String(repeating: "n", count: 256), 20, isShared: false)]
    case .parentName: return [SyntheticFile("../000099.sst", 20, isShared: true)]
    case .borrowedMetadata, .metadataLink, .cutMetadata, .foreignMetadata, .sharedLink: return []
    case .outsidePath, .parentPath, .fileLink, .pipe, .shorterFile, .nothing, .borrowedFile:
      return [SyntheticFile("000099.sst", 40, isShared: true)]
    }
  }
}
