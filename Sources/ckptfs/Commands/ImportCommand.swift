// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import LinuxFiles
import Snapshots
import SystemPackage

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Keep a checkpoint or savepoint of Flink's in a store.",
    discussion: """
      The result needs nothing of Flink's directories any more. Its shards are OPERATOR/SUBTASK, each a RocksDB \
      directory. Contents that the store has are not stored again; it is all kept or nothing. A job's directory \
      stands for its latest checkpoint.

      Example: ckptfs import flink:/flink/checkpoints/JOB/chk-42 --history orders
      """)

  @OptionGroup var store: StoreOptions
  @OptionGroup var snapshot: SnapshotOptions
  @OptionGroup var mapping: MappingOptions

  @Argument(help: "flink: and the directory of a checkpoint, savepoint or job.")
  var source: String

  func run() throws {
    guard let selection = try FlinkSelection(source, mappings: mapping.mappings) else {
      throw Failure(
        .usage, "usage", "'\(source)': give flink:DIR; 'ckptfs commit' takes RocksDB's checkpoints")
    }
    let line = ProgressLine("importing", store.format)
    let report = try FlinkImport(selection, into: store.open()).run(
      history: snapshot.history, options: snapshot.options, progress: line?.handler)
    line?.end()
    try store.format.print(CommitOutcome(report))
  }
}
