// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import Testing

/// Checkpoints of a real Flink job, with what Flink's own loader says about them.
///
/// `data` holds the directories as Flink left them, without some of the larger files; `tree.txt` tells
/// how often each file is referred to and its size; `handles` has one description per `_metadata`, and
/// `databases.txt` the entries of each column family.
struct Sample: CustomTestStringConvertible, Sendable {
  let name: String

  static let all = [
    "flink-1.14.6-inline", "flink-1.20.5-operator-state", "flink-2.3.0-changelog",
    "flink-2.3.0-filemerging-across-true", "flink-2.3.0-incremental", "flink-2.3.0-inline",
    "flink-2.3.0-mixed-threshold", "flink-2.3.0-operator-state", "flink-2.3.0-savepoints-quiesced",
  ].map(Sample.init)

  var testDescription: String { name }

  func path(_ relative: String) throws -> FilePath {
    let resources = try #require(Bundle.module.resourceURL)
    return FilePath(resources.appending(path: "Fixtures/\(name)/\(relative)").path)
  }

  /// Directories below `data` that hold a `_metadata`.
  func checkpoints() throws -> [String] {
    try DirectoryListing.names(in: path("handles")).map { name in
      String(decoding: name, as: UTF8.self).dropLast(4).replacingOccurrences(of: "__", with: "/")
    }.sorted()
  }

  func metadata(of checkpoint: String) throws -> [UInt8] {
    try FileSystemCalls.contents(of: path("data/\(checkpoint)/_metadata"), limit: 1 << 20)
  }

  func handles(of checkpoint: String) throws -> String {
    let name = checkpoint.replacingOccurrences(of: "/", with: "__")
    return try text("handles/\(name).txt")
  }

  func text(_ relative: String) throws -> String {
    String(
      decoding: try FileSystemCalls.contents(of: path(relative), limit: 1 << 20), as: UTF8.self)
  }
}
