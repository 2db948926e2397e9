// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import LinuxFiles
import SystemPackage

/// The SOURCE of a command: a store's directory, or `flink:DIR`. Its path is absolute.
enum SourceArgument: CustomStringConvertible {
  case store(FilePath)
  case flink(FilePath)

  static let flinkPrefix = "flink:"

  init(_ text: String) throws {
    if text.hasPrefix(Self.flinkPrefix) {
      self = .flink(try FilePath(argument: String(text.dropFirst(Self.flinkPrefix.count))).absolute)
    } else {
      self = .store(try FilePath(argument: text).absolute)
    }
  }

  var path: FilePath {
    switch self {
    case .store(let path), .flink(let path): path
    }
  }

  /// As it was given, but absolute.
  var description: String {
    switch self {
    case .store(let path): path.string
    case .flink(let path): Self.flinkPrefix + path.string
    }
  }

  /// - Parameter mappings: where files of a Flink job are that were moved.
  func open(mappings: [PathMapping]) throws -> any Source {
    switch self {
    case .store(let path):
      guard mappings.isEmpty else {
        throw Failure(.usage, "usage", "--map is for flink:DIR; a store records no paths")
      }
      // Without links and "..", so that it stays what it is when what lies on the way to it goes. What is not there is
      // told of where it is opened.
      return try StoreSource(at: (try? FileSystemCalls.resolve(path)) ?? path)
    case .flink(let path): return try FlinkSource(path, mappings: mappings)
    }
  }
}
