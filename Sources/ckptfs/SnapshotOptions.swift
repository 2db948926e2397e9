// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import Snapshots

/// What commands that take a checkpoint have in common.
struct SnapshotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The history that it becomes part of; made if absent.", valueName: "name"),
    completion: .history, transform: { try HistoryName($0) })
  var history: HistoryName

  @Option(
    help: "The checkpoint's number (default: the next of the history).",
    transform: { try CheckpointNumber(argument: $0) })
  var number: CheckpointNumber?

  @Option(
    help: ArgumentHelp("A name that keeps it from being dropped.", valueName: "name"),
    transform: { try TagName($0) })
  var tag: TagName?

  @Option(
    help: """
      How contents come in: auto, reflink, link or copy. auto is reflink, else a hard link where that is safe, \
      else a copy.
      """,
    completion: .list(["auto", "reflink", "link", "copy"]),
    transform: { try IngestPolicy(argument: $0) })
  var ingest: IngestPolicy?

  var options: CommitOptions {
    CommitOptions(number: number, ingest: ingest ?? .auto, tag: tag)
  }
}
