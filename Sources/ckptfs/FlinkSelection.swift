// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkCheckpoints
import LinuxFiles
import SystemPackage

/// What an argument `flink:DIR…` names: everything below a directory, or one checkpoint.
///
/// A checkpoint is written by its directory, `flink:JOB/chk-42`, or as `flink:JOB/latest`; a savepoint by
/// its own directory.
struct FlinkSelection: CustomStringConvertible {
  let description: String
  let source: FlinkSource
  /// `nil` for everything.
  let checkpoint: (history: HistoryRecord, record: CheckpointRecord)?

  /// - Returns: `nil` for an argument that does not begin so.
  init?(_ argument: String, mappings: [PathMapping]) throws {
    guard argument.hasPrefix(SourceArgument.flinkPrefix) else { return nil }
    let path = try SourceArgument(argument).path
    description = argument
    let name = path.lastComponent?.string ?? ""
    let number = CheckpointNumber(directoryName: name)
    // The whole job, so that it is known what the checkpoint before had.
    let isSelector = try number != nil || (name == "latest" && !FileSystemCalls.exists(path))
    source = try FlinkSource(isSelector ? path.removingLastComponent() : path, mappings: mappings)
    if isSelector {
      checkpoint = try Self.find(number, in: source, argument)
    } else if try FileSystemCalls.exists(path.appending("_metadata")) {
      checkpoint = try Self.find(nil, in: source, argument)
    } else {
      checkpoint = nil
    }
  }

  /// The only history's checkpoint of that number, or its latest.
  private static func find(
    _ number: CheckpointNumber?, in source: FlinkSource, _ argument: String
  ) throws -> (HistoryRecord, CheckpointRecord) {
    let histories = try source.histories(after: nil, limit: .max)
    guard histories.count < 2 else {
      let names = histories.map(\.name.rawValue).sorted()
      let some = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
      throw Failure(
        .usage, "usage",
        "'\(argument)' holds \(names.count) jobs and savepoints (\(some)); name the directory of one, "
          + "'ckptfs ls \(argument)' lists them")
    }
    if let history = histories.first {
      let record =
        if let number {
          try source.checkpoint(number, of: history.id)
        } else {
          try source.latestCheckpoint(of: history.id)
        }
      if let record { return (history, record) }
    }
    if let damaged = try source.damaged.first(where: {
      number == nil || $0.directory.lastComponent?.string == number?.directoryName
    }) {
      throw Failure(.failed, "damaged", damaged.message)
    }
    throw Failure(
      .absent, "noSuchCheckpoint",
      "there is no completed checkpoint '\(argument)'; 'ckptfs ls flink:\(source.root)' lists what there is"
    )
  }

  /// - Throws: a failure where there is no checkpoint at all, which is nothing that can be judged.
  func requireAny() throws {
    guard try source.histories(after: nil, limit: 1).isEmpty, try source.damaged.isEmpty else {
      return
    }
    throw Failure(
      .absent, "noSuchCheckpoint",
      "there is no checkpoint of Flink's below '\(source.root)'; name a job's directory, or one above it"
    )
  }

  /// - Throws: a usage failure when it names no single checkpoint.
  func requireCheckpoint() throws -> (history: HistoryRecord, record: CheckpointRecord) {
    if let checkpoint { return checkpoint }
    return try Self.find(nil, in: source, description)
  }
}
