// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
public import Checkpoints
import LinuxFiles
import RocksDB
import Synchronization
public import SystemPackage

/// Verifies checkpoints of a store, each as RocksDB sees it, and every file once however many have it.
///
/// Of each database the MANIFEST and the logs are read, the checksum of every block of every table and of every record of every
/// blob file is compared, and it is opened. Nothing of the store changes: what is opened is a view in a directory of its own.
public final class Verification: Sendable {
  private let store: Store
  private let workingDirectory: FilePath
  private let verdicts = Mutex<[Digest: LinkedRocksDB.Verdict]>([:])

  /// - Parameter workingDirectory: where views are made and removed again; logs and MANIFESTs are copied there.
  public init(of store: Store, workingDirectory: FilePath) {
    self.store = store
    self.workingDirectory = workingDirectory
  }

  /// - Parameter progress: tells bytes of tables and blob files.
  /// - Throws: code `store(.noSuchCheckpoint)` when it was dropped.
  public func verify(
    _ checkpoint: CheckpointRecord, of history: HistoryName, progress: ProgressHandler? = nil
  ) throws(SnapshotError) -> VerificationReport {
    try translating {
      try store.withView(of: checkpoint, below: workingDirectory) { view in
        var report = VerificationReport(
          checkpoint: CheckpointReference(history: history, number: checkpoint.number))
        let roots = Self.databases(in: view)
        let total = view.entries.reduce(Int64(0)) {
          $1.isShared ? $0 + Int64(clamping: $1.content?.size ?? 0) : $0
        }
        let counter = ByteCounter(total: total, handler: progress)
        for root in roots {
          let database = DatabaseVerification(
            root: root, view: view, verification: self, counter: counter)
          report.databases.append(database.run())
        }
        report.damage = Self.damage(in: view, outside: roots)
        return report
      }
    }
  }

  /// The directories that have a CURRENT, or have lost it.
  private static func databases(in view: CheckpointView) -> [EntryPath?] {
    var roots: [EntryPath?] = []
    for entry in view.entries
    where entry.content != nil && entry.path.name.elementsEqual(CurrentFile.name.utf8) {
      roots.append(entry.path.parent)
    }
    return roots
  }

  private static func damage(
    in view: CheckpointView, outside roots: [EntryPath?]
  ) -> [VerificationReport.Damage] {
    view.damage.filter { !roots.contains($0.key.parent) }.sorted { $0.key < $1.key }
      .map { VerificationReport.Damage(file: $0.key.description, detail: $0.value) }
  }

  /// What reading a content has shown, which is asked for once.
  func verdict(
    on content: Content, _ read: () -> LinkedRocksDB.Verdict
  ) -> LinkedRocksDB.Verdict {
    if let known = verdicts.withLock({ $0[content.digest] }) { return known }
    let verdict = read()
    // What could not be read now may be the next time.
    if case .unreadable = verdict { return verdict }
    verdicts.withLock { $0[content.digest] = verdict }
    return verdict
  }
}
