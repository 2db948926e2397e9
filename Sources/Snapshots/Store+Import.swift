// SPDX-License-Identifier: Apache-2.0

package import CheckpointStore
package import Checkpoints
import LinuxFiles

extension Store {
  /// Keeps files from various places as a checkpoint of `history`, all or nothing. Durable on return.
  ///
  /// They are copied or cloned, never linked: they belong to somebody else.
  ///
  /// - Parameter files: all of the checkpoint, directories too; nobody may write to them meanwhile.
  /// - Throws: SnapshotError with code `exists` when `options.number` was completed with other content.
  package func importFiles(
    _ files: [SourceFile], owner: Ownership, to history: HistoryName, options: CommitOptions,
    progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> CommitReport {
    try translating {
      let start = ContinuousClock.now
      func report(
        _ record: CheckpointRecord, of history: HistoryName, newFiles: Int64, newBytes: Int64,
        isExisting: Bool, newTag: TagName?
      ) -> CommitReport {
        CommitReport(
          history: history, number: record.number, files: record.files, newFiles: newFiles,
          keptFiles: record.files - newFiles, fullBytes: record.fullBytes, newBytes: newBytes,
          duration: ContinuousClock.now - start, isExisting: isExisting, newTag: newTag,
          skipped: [], warnings: LinkWarning(options.ingest, linking: false).lines)
      }
      switch try begin(history, number: options.number) {
      case .completed(let record):
        if let path = try firstDifference(
          between: SeenFile.looking(at: files), and: record, progress: progress)
        {
          throw SnapshotError(
            .exists,
            "\(history)/\(record.number.directoryName) exists already with other content: "
              + "'\(path)' differs; choose another --number")
        }
        let newTag = try add(options.tag, to: record, of: history)
        return report(
          record, of: history, newFiles: 0, newBytes: 0, isExisting: true, newTag: newTag)
      case .pending(let pending):
        let ingested = try pending.ingest(
          files, policy: options.ingest, linking: false, progress: progress)
        let result = try pending.complete(ingested, owner: owner, tag: options.tag)
        return report(
          result.checkpoint, of: result.history, newFiles: result.newFiles,
          newBytes: result.checkpoint.newBytes, isExisting: false, newTag: options.tag)
      }
    }
  }
}
