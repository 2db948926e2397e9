// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// One run of making a catalog anew.
struct Rebuild {
  let store: StoreID
  let layout: StoreLayout
  let blobs: LocalBlobStore

  func run() throws -> CheckReport {
    let found = try RebuildFindings(in: layout, of: store, blobs)
    try removeRebuilt()
    let earlier = try IDFile(layout)
    var rebuilt = try rebuilt(found, beyond: earlier.ids)
    try replace(knowing: layout.stage(rebuilt.ids.encoded, for: layout.rebuiltIDs))
    layout.changeMark.write(rebuilt.changes)
    try blobs.remove(rebuilt.needless)
    if rebuilt.problems.isEmpty { try removeNeedless(found) }
    if case .unusable(let flaw) = earlier {
      rebuilt.problems.append(IDFile.replaced(flaw, layout))
    }
    var report = CheckReport(problems: rebuilt.problems)
    if !found.checkpoints.isEmpty { report.notices.append(Self.forgotten) }
    report.notices += found.renamedHistories.map { Notice(renamed: $0.old, to: $0.new) }
    return report
  }

  private static let forgotten = Notice(
    kind: .forgottenReadings, path: "catalog.sqlite", checkpoints: [],
    detail:
      "contents were not read, and which of them were known to be bad went with the old catalog; 'ckptfs fsck --read-data' finds them"
  )

  // MARK: Writing

  /// - Returns: a catalog that lacks nothing which the one that it is to replace has.
  private func rebuilt(
    _ found: RebuildFindings, beyond earlier: RebuiltIDs?
  ) throws -> RebuiltCatalog {
    let before = try CatalogBefore(layout, of: store)
    let changes = max(try layout.changeMark.changes() ?? 0, before?.changes ?? 0)
    // Somebody may have written there what leaves no greater one.
    let rebuilt = try write(found, beyond: earlier, counting: min(changes, 1 << 62))
    do {
      try before?.refuseLoss(rebuilt)
    } catch {
      try removeRebuilt()
      throw error
    }
    return rebuilt
  }

  private func removeRebuilt() throws(FileError) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
      try FileSystemCalls.unlinkIfPresent(FilePath(layout.rebuiltCatalog.string + suffix))
    }
  }

  private func write(
    _ found: RebuildFindings, beyond earlier: RebuiltIDs?, counting changes: Int64
  ) throws -> RebuiltCatalog {
    let catalog = try CatalogRebuild(at: layout.rebuiltCatalog, store: store)
    for history in found.histories { try catalog.add(history) }
    var writer = RebuildWriter(catalog, blobs, found)
    var written: Set<CheckpointID> = []
    for manifest in found.checkpoints {
      if try writer.add(manifest) {
        written.insert(manifest.checkpoint.id)
      } else {
        try catalog.useUp(manifest.checkpoint.number, of: manifest.checkpoint.history)
      }
    }
    for file in found.unusable {
      // What is lost may be put back: no other checkpoint takes its number, or its file's place.
      if let number = file.number { try catalog.useUp(number, of: file.history) }
    }
    for tag in found.tagsOnNothing { try catalog.useUp(tag.number, of: tag.history) }
    let tags = found.tags.filter { written.contains($0.checkpoint) }
    for tag in tags { try catalog.add(tag) }
    let problems = found.problems + writer.problems
    var needless: [BlobName] = []
    // With something missing, or all of it, a file that seems needless may be a piece of it.
    if problems.isEmpty, !written.isEmpty {
      var incarnations = Set(writer.used.map(\.incarnation))
      for name in found.allFiles where !writer.used.contains(name) {
        // The catalog knows files by their incarnations.
        if incarnations.insert(name.incarnation).inserted {
          try catalog.addRemoval(name)
        } else {
          needless.append(name)
        }
      }
    }
    for checkpoint in found.checkpoints.map(\.checkpoint)
    where written.contains(checkpoint.id) && found.renumbered.contains(checkpoint.id) {
      try catalog.post(
        .placeManifest(
          history: checkpoint.history.rawValue, number: checkpoint.number.rawValue,
          checkpoint: checkpoint.id.rawValue))
    }
    for history in found.renamedHistories {
      try catalog.post(.writeHistory(history.new.id.rawValue))
    }
    for tag in found.renumberedTags { try catalog.post(.writeTag(tag.rawValue)) }
    let ids = try catalog.finish(
      counting: changes + 1,
      beyond: RebuiltIDs(
        history: found.lastHistory, tag: found.lastTag, checkpoint: found.lastCheckpoint,
        content: writer.lastIncarnation), previous: earlier)
    return RebuiltCatalog(
      ids: ids, changes: changes + 1,
      checkpoints: found.checkpoints.map(\.checkpoint).filter { written.contains($0.id) },
      tags: tags, needless: needless, problems: problems)
  }

  // MARK: Replacing

  /// Puts the new catalog in the old one's place, which keeps another name.
  ///
  /// The old database goes first: without it, whatever a crash leaves is a lost catalog again, and never a
  /// database beside the log or journal of another.
  ///
  /// - Parameter ids: the staged file of them. They are known before any of them is given, and not while an older catalog is there
  ///   still, which would be taken for the new one by them.
  private func replace(knowing ids: FilePath) throws {
    // A journal is there when nobody has opened the catalog since it was made anew, but for one who died of it.
    let suffixes = ["", "-wal", "-journal", "-shm"]
    // What an earlier rebuild kept goes as a whole, lest its log should lie beside the database that is kept now.
    if try FileSystemCalls.exists(layout.catalog) {
      for suffix in suffixes {
        try FileSystemCalls.unlinkIfPresent(FilePath(layout.replacedCatalog.string + suffix))
      }
      try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
    }
    for suffix in suffixes {
      let old = FilePath(layout.catalog.string + suffix)
      let kept = FilePath(layout.replacedCatalog.string + suffix)
      try Steps.perform(.replaceCatalog) {
        if try FileSystemCalls.exists(old) { try FileSystemCalls.rename(old, to: kept) }
      }
      // A power cut must not bring the database back without its log, nor its log beside the new one.
      try Steps.perform(.syncReplacedCatalog) { try FileSystemCalls.syncDirectory(layout.root) }
    }
    try layout.place(staged: ids, at: layout.rebuiltIDs)
    try Steps.perform(.replaceCatalog) {
      try FileSystemCalls.rename(layout.rebuiltCatalog, to: layout.catalog)
    }
    try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
  }

  /// Removes what a crash left of a first commit, or of the drop of all: names of histories without a checkpoint.
  private func removeNeedless(_ found: RebuildFindings) throws {
    let histories = Set(found.checkpoints.map(\.checkpoint.history))
    for history in found.named where !histories.contains(history.id) {
      try remove(layout.name(of: history.id))
    }
  }

  private func remove(_ path: FilePath) throws(FileError) {
    try FileSystemCalls.unlinkIfPresent(path)
    try FileSystemCalls.syncDirectory(path.removingLastComponent())
  }
}
