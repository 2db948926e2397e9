// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata
import FlinkWriting
import LinuxFiles
import SystemPackage
import TestSupport

/// A job's directory that a test writes, as Flink would.
struct MadeJob {
  static let name = "0123456789abcdef0123456789abcdef"
  static let operatorID = "00000000000000010000000000000002"

  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try FileSystemCalls.makeDirectory(path)
    try FileSystemCalls.makeDirectory(path.appending("shared"))
  }

  /// Of the job.
  var path: FilePath { scratch.path.appending(Self.name) }

  func write(_ name: String, _ text: String) throws {
    try path.appending("shared/\(name)").write(text)
  }

  /// The `_metadata` of a checkpoint of one subtask, whose RocksDB directory has these files in `shared`.
  ///
  /// - Parameter files: names in RocksDB, recorded paths and sizes.
  static func metadata(
    _ number: Int64, _ files: [(name: String, path: String, size: Int64)], version: Int32 = 6,
    operatorName: String = "operator", referring: Int64? = nil
  ) -> [UInt8] {
    MetadataBuilder.incremental(
      number, files.map { ($0.name, .file($0.path, size: $0.size)) }, version: version,
      operatorName: operatorName, referring: referring)
  }

  func recorded(_ name: String) -> String { "file:/gone/\(Self.name)/shared/\(name)" }

  /// Completes `chk-N`, as a rename does: at once.
  func complete(_ number: Int64, _ metadata: [UInt8]) throws {
    let directory = path.appending("chk-\(number)")
    if try !directory.exists { try FileSystemCalls.makeDirectory(directory) }
    try directory.appending("_metadata").write(metadata)
  }
}
