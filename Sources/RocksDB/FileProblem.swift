// SPDX-License-Identifier: Apache-2.0

/// A file that a database needs and that is not as its MANIFEST says.
package struct FileProblem: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case absent
    case wrongSize(actual: UInt64, expected: UInt64)
    case tooShort(actual: UInt64, atLeast: UInt64)
  }

  package let name: String
  package let kind: Kind
}

extension FileProblem: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .absent: "\(name) is absent"
    case .wrongSize(let actual, let expected):
      "\(name) has \(actual) bytes instead of \(expected)"
    case .tooShort(let actual, let minimum):
      "\(name) has \(actual) bytes, less than the \(minimum) that were synced"
    }
  }
}

extension DatabaseDescription {
  /// What is missing of the live tables, blob files, tracked logs and the MANIFEST.
  ///
  /// - Parameter sizes: the size in bytes of the regular file of that name, nil when there is none.
  /// - Returns: one problem per file, tables first, each kind ascending by number.
  package func missingFiles(sizes: (String) -> UInt64?) -> [FileProblem] {
    var problems: [FileProblem] = []
    for table in tables {
      let actual = sizes(table.name) ?? sizes(table.number.legacyTableName)
      problems.check(table.name, actual, exactly: table.size)
    }
    for blob in blobs {
      problems.check(blob.name, sizes(blob.name), exactly: blob.sizeOnDisk)
    }
    for log in logs {
      // RocksDB does not require a log that was never synced to have survived.
      guard let size = log.syncedSize else { continue }
      problems.check(log.name, sizes(log.name), atLeast: size)
    }
    problems.check(manifestName, sizes(manifestName), atLeast: manifestSize)
    return problems
  }
}

extension [FileProblem] {
  fileprivate mutating func check(_ name: String, _ actual: UInt64?, exactly expected: UInt64) {
    guard let actual else { return append(FileProblem(name: name, kind: .absent)) }
    if actual != expected {
      append(FileProblem(name: name, kind: .wrongSize(actual: actual, expected: expected)))
    }
  }

  fileprivate mutating func check(_ name: String, _ actual: UInt64?, atLeast minimum: UInt64) {
    guard let actual else { return append(FileProblem(name: name, kind: .absent)) }
    if actual < minimum {
      append(FileProblem(name: name, kind: .tooShort(actual: actual, atLeast: minimum)))
    }
  }
}
