// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import SystemPackage

/// What the checkpoints of an index use, or may.
struct FilesInUse {
  /// The directories of all that the index knows, be they damaged.
  let checkpoints: Set<FilePath>
  private let paths: Set<FilePath>
  /// The names of files that checkpoints refer to: one that has such a name may be meant, wherever it lies, as where it was
  /// copied, or where its recorded place leads nowhere.
  private let names: Set<String>
  /// Directories of checkpoints that others refer to as a whole, or that cannot be read.
  private let directories: Set<FilePath>

  init(_ index: FlinkIndex) {
    let records = index.files.records.filter { $0.references > 0 }
    paths = Set(records.compactMap { if case .file(let path) = $0.place { path } else { nil } })
    names = Set(records.compactMap { $0.recorded.split(separator: "/").last.map(String.init) })
    let damaged = index.damaged.map(\.directory)
    var (known, whole) = (Set(damaged), Set(damaged))
    for checkpoint in index.checkpoints.values.joined() {
      known.insert(checkpoint.found.directory)
      let job = checkpoint.found.directory.removingLastComponent()
      for number in checkpoint.summary.referencedCheckpoints {
        whole.insert(job.appending("chk-\(number)"))
      }
    }
    (checkpoints, directories) = (known, whole)
  }

  /// Whether all that lies in a directory is in use.
  func keepsAll(in directory: FilePath) -> Bool { directories.contains(directory) }

  /// - Parameter path: of a file in a directory that is not kept as a whole.
  func mayInclude(_ path: FilePath) -> Bool {
    paths.contains(path) || names.contains(path.lastComponent?.string ?? "")
  }

  /// - Parameter path: of any file.
  func mayIncludeAnywhere(_ path: FilePath) -> Bool {
    mayInclude(path) || directories.contains { path.starts(with: $0) }
  }
}
