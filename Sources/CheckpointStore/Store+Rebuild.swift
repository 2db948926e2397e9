// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
public import SystemPackage

extension Store {
  /// Makes the catalog anew from manifests, pages and blobs, and puts it in the lost one's place (promise P8).
  ///
  /// What was acknowledged and not dropped is there again, with its ids, times and tags. The old catalog, if
  /// there is one, is kept beside it as `catalog.sqlite.replaced`.
  ///
  /// - Throws: code `busy` while anybody uses the store.
  /// - Returns: as problems, what manifests promise and the store lacks.
  public static func rebuildCatalog(
    at path: FilePath, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    let layout = StoreLayout(root: path)
    let marker = try layout.readMarker()
    try checkFileSystem(of: path)
    let use = try StoreUse.take(.exclusive, layout)
    let rebuild = Rebuild(store: marker.store, layout: layout, blobs: LocalBlobStore(at: path))
    let report = try translating { try rebuild.run() }
    withExtendedLifetime(use) {}
    return report
  }
}

/// One run of making a catalog anew.
private struct Rebuild {
  let store: StoreID
  let layout: StoreLayout
  let blobs: LocalBlobStore

  /// What lies in the store, as far as it could be read.
  private struct Findings {
    var histories: [HistoryManifest] = []
    var checkpoints: [Manifest] = []
    var tags: [TagManifest] = []
    /// Files that say nothing, and why.
    var unusable: [(path: FilePath, history: HistoryID, flaw: String)] = []
    /// The ids of the checkpoints.
    var ids: Set<CheckpointID> = []
    /// The files with each content, the newest last.
    var files: [Digest: [BlobName]] = [:]
    /// What repairs had moved out of the way, the newest last.
    var quarantined: [Digest: [BlobName]] = [:]
    var lastIncarnation = Incarnation(rawValue: 0)
    var report = CheckReport()

    /// The histories that have a checkpoint: the name of one alone is what a crash left of a first commit.
    mutating func namedHistories() -> [HistoryManifest] {
      let used = Set(checkpoints.map(\.checkpoint.history))
      var names: Set<HistoryName> = []
      var named: [HistoryManifest] = []
      for history in histories.sorted(by: { $0.id < $1.id })
      where used.contains(history.id) {
        if names.insert(history.name).inserted {
          named.append(history)
        } else {
          report.problems.append(
            Problem(
              kind: .wrongManifest, path: "manifests/\(history.id.rawValue)/history",
              checkpoints: [],
              detail:
                "another history is named '\(history.name)', too; put another name into this file and "
                + "rebuild again to see its checkpoints"))
        }
      }
      return named
    }
  }

  func run() throws -> CheckReport {
    var found = Findings()
    try readManifests(&found)
    try listBlobs(&found)
    for suffix in ["", "-wal", "-shm", "-journal"] {
      try FileSystemCalls.unlinkIfPresent(FilePath(layout.rebuiltCatalog.string + suffix))
    }
    let earlier = IDFile(layout)
    let ids = try write(&found, beyond: earlier.ids)
    // Known before any of them is given.
    try layout.place(ids.encoded, at: layout.rebuiltIDs)
    try replace()
    try removeNeedless(found)
    if case .unusable(let flaw) = earlier {
      found.report.problems.append(IDFile.replaced(flaw, layout))
    }
    return found.report
  }

  // MARK: Reading

  private func readManifests(_ found: inout Findings) throws {
    for directory in try DirectoryListing.names(in: layout.manifests) {
      let path = layout.manifests.appending(bytes: directory)
      guard let id = Int64(String(decoding: directory, as: UTF8.self)),
        try FileStatus(at: path).kind == .directory
      else {
        found.report.problems.append(stray(path, "it is no history's directory"))
        continue
      }
      for name in try DirectoryListing.names(in: path) {
        read(path.appending(bytes: name), of: HistoryID(rawValue: id), &found)
      }
    }
    noteUnusable(&found)
    found.checkpoints.sort { $0.checkpoint.id < $1.checkpoint.id }
  }

  /// Reads one file; what is not what its name says is a problem, and no more than that.
  private func read(_ path: FilePath, of history: HistoryID, _ found: inout Findings) {
    switch ManifestFile(path, of: history, in: store) {
    case .history(let manifest): found.histories.append(manifest)
    case .tag(let manifest): found.tags.append(manifest)
    case .checkpoint(let manifest):
      if found.ids.insert(manifest.checkpoint.id).inserted {
        found.checkpoints.append(manifest)
      } else {
        found.unusable.append((path, history, "another checkpoint has its id, too"))
      }
    case .unusable(let flaw): found.unusable.append((path, history, flaw))
    }
  }

  /// Tells what could not be used, when the names of all histories are known.
  private func noteUnusable(_ found: inout Findings) {
    let names = Dictionary(
      found.histories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    for (path, history, flaw) in found.unusable {
      found.report.problems.append(
        Problem(
          unusable: layout.relativeName(of: path), of: history, named: names[history], flaw: flaw))
    }
  }

  private func stray(_ path: FilePath, _ reason: String) -> Problem {
    Problem(
      kind: .strayManifest, path: layout.relativeName(of: path), checkpoints: [], detail: reason)
  }

  /// Whatever is added to one below it fits.
  private static let incarnationLimit = Incarnation(rawValue: 1 << 62)

  private func listBlobs(_ found: inout Findings) throws {
    try blobs.forEachName { name in
      found.files[name.digest, default: []].append(name)
      found.lastIncarnation = max(found.lastIncarnation, name.incarnation)
    }
    for name in try blobs.quarantined() {
      found.quarantined[name.digest, default: []].append(name)
      found.lastIncarnation = max(found.lastIncarnation, name.incarnation)
    }
    guard found.lastIncarnation < Self.incarnationLimit else {
      throw StoreError(
        .refused,
        "the name of a file in '\(layout.root)/blobs' ends in \(found.lastIncarnation.rawValue), which no "
          + "store comes to and which leaves no numbers for new ones; move it out of the store and rebuild again"
      )
    }
    func sorted(_ names: [BlobName]) -> [BlobName] {
      names.sorted { $0.incarnation < $1.incarnation }
    }
    found.files = found.files.mapValues(sorted)
    found.quarantined = found.quarantined.mapValues(sorted)
  }

  // MARK: Writing

  /// - Returns: beyond which ids the new catalog gives its own.
  private func write(
    _ found: inout Findings, beyond earlier: RebuiltIDs?
  ) throws -> RebuiltIDs {
    let catalog = try CatalogRebuild(at: layout.rebuiltCatalog, store: store)
    var names: [HistoryID: HistoryName] = [:]
    for history in found.namedHistories() {
      names[history.id] = history.name
      try catalog.add(history)
    }
    var writer = Writer(
      catalog: catalog, blobs: blobs, names: names,
      quarantined: found.quarantined.compactMapValues(\.last))
    var written: Set<CheckpointID> = []
    for manifest in found.checkpoints {
      if try writer.add(manifest, &found.files, &found.lastIncarnation, &found.report) {
        written.insert(manifest.checkpoint.id)
      } else {
        try catalog.useUp(manifest.checkpoint.number, of: manifest.checkpoint.history)
      }
    }
    for file in found.unusable {
      // What is lost may be put back: no other checkpoint takes its number, or its file's place.
      if let number = file.path.lastComponent.flatMap({ CheckpointNumber(directoryName: $0.string) }
      ) {
        try catalog.useUp(number, of: file.history)
      }
    }
    for tag in found.tags.map(\.tag).sorted(by: { $0.id < $1.id })
    where written.contains(tag.checkpoint) {
      try catalog.add(tag)
    }
    // With something missing, or all of it, a file that seems needless may be a piece of it.
    if found.report.isClean, !written.isEmpty {
      for name in Array(found.files.values.joined()) + found.quarantined.values.joined()
      where !writer.used.contains(name) {
        try catalog.addRemoval(name)
      }
    }
    return try catalog.finish(
      lastIncarnation: found.lastIncarnation, previous: earlier)
  }

  /// Adds checkpoints with the blobs and pages that they need, each once.
  private struct Writer {
    let catalog: CatalogRebuild
    let blobs: LocalBlobStore
    let names: [HistoryID: HistoryName]
    let quarantined: [Digest: BlobName]
    var used: Set<BlobName> = []
    private var contents: Set<Digest> = []
    private var pages: [Digest: (page: Page, name: BlobName)] = [:]

    init(
      catalog: CatalogRebuild, blobs: LocalBlobStore, names: [HistoryID: HistoryName],
      quarantined: [Digest: BlobName]
    ) {
      self.catalog = catalog
      self.blobs = blobs
      self.names = names
      self.quarantined = quarantined
    }

    /// - Returns: `false` when the checkpoint cannot be shown at all; the report says why.
    mutating func add(
      _ manifest: Manifest, _ files: inout [Digest: [BlobName]], _ last: inout Incarnation,
      _ report: inout CheckReport
    ) throws -> Bool {
      let checkpoint = manifest.checkpoint
      guard let history = names[checkpoint.history] else {
        report.problems.append(
          Problem(
            kind: .missingManifest, path: "manifests/\(checkpoint.history.rawValue)/history",
            checkpoints: [],
            detail:
              "the history's name is lost, so its \(checkpoint.number.directoryName) is left out"))
        return false
      }
      let reference = CheckpointReference(history: history, number: checkpoint.number)
      // Found before anything is added: of a checkpoint that is left out, nothing stays.
      var new: [(page: Page, name: BlobName)] = []
      for digest in manifest.pages where pages[digest] == nil {
        guard let found = try page(digest, files) else {
          report.problems.append(
            Problem(
              kind: .missingBlob, path: "blobs/\(digest.hexadecimal.prefix(2))/\(digest)-*",
              checkpoints: [reference],
              detail:
                "a page of its entries is lost, so the checkpoint is left out; put the page back, or remove "
                + "'manifests/\(checkpoint.history.rawValue)/\(checkpoint.number.directoryName)' to accept the loss, and rebuild again"
            ))
          return false
        }
        new.append(found)
      }
      let own = Dictionary(new.map { ($0.page.digest, $0.page) }) { first, _ in first }
      guard Self.agree(manifest.pages.compactMap { own[$0] ?? pages[$0]?.page }) else {
        report.problems.append(
          Problem(
            kind: .wrongManifest,
            path: "manifests/\(checkpoint.history.rawValue)/\(checkpoint.number.directoryName)",
            checkpoints: [reference],
            detail:
              "it lists pages that contradict each other, as no ckptfs writes it, so the checkpoint is left out; put the right one back, "
              + "or remove it to accept the loss, and rebuild again"))
        return false
      }
      for found in new where pages[found.page.digest] == nil {
        pages[found.page.digest] = found
        for entry in found.page.entries {
          guard let content = entry.content, contents.insert(content.digest).inserted else {
            continue
          }
          try add(content, entry, checkpoint.owner, reference, &files, &last, &report)
        }
        guard let status = try blobs.status(of: found.name) else {
          throw StoreError(
            .damaged,
            "the page \(found.name) was removed while the catalog was made anew; try again")
        }
        try catalog.add(
          BlobRecord(
            name: found.name, size: status.size, modified: status.modified,
            owner: status.access.owner, access: status.access), .page)
        try catalog.add(found.page, as: found.name)
        used.insert(found.name)
      }
      try catalog.add(checkpoint, pages: manifest.pages.compactMap { pages[$0] })
      return true
    }

    /// Whether no two pages of one kind begin with the same path.
    private static func agree(_ pages: [Page]) -> Bool {
      PageStream.allCases.allSatisfy { stream in
        let firsts = pages.filter { $0.stream == stream }.map(\.first)
        return Set(firsts).count == firsts.count
      }
    }

    /// The page with this digest, from whichever file holds it intact.
    private func page(
      _ digest: Digest, _ files: [Digest: [BlobName]]
    ) throws -> (page: Page, name: BlobName)? {
      for name in files[digest] ?? [] where !used.contains(name) {
        // A file that cannot be read is not the one that is looked for.
        guard let bytes = try? blobs.contents(of: name, limit: 1 << 26),
          Digest(hashing: bytes) == digest
        else { continue }
        if let page = try? Page(decoding: bytes) { return (page, name) }
      }
      return nil
    }

    private static let remedy =
      "; 'ckptfs fsck --repair --source DIR' fetches it from a directory or store that has it"

    /// Chooses among the files with a content the one that looks as recorded.
    private mutating func add(
      _ content: Content, _ entry: Entry, _ owner: Ownership, _ reference: CheckpointReference,
      _ files: inout [Digest: [BlobName]], _ last: inout Incarnation,
      _ report: inout CheckReport
    ) throws {
      var modified = content.modified
      let unused = (files[content.digest] ?? []).filter { !used.contains($0) }
      let candidates = try unused.compactMap { name in
        try blobs.status(of: name).map { (name: name, status: $0) }
      }.filter { $0.status.isRegular && $0.status.size == content.size }
      let chosen = candidates.first { $0.status.modified == modified } ?? candidates.first
      if let chosen, !entry.isShared {
        // The time of an own file is that of its path, not of the blob's file.
        modified = chosen.status.modified
      }
      let name: BlobName
      var isCondemned = false
      if let chosen {
        name = chosen.name
      } else if let bad = quarantined[content.digest] {
        (name, isCondemned) = (bad, true)
        report.problems.append(
          Problem(
            kind: .quarantinedBlob, path: "quarantine/\(name)", checkpoints: [reference],
            detail:
              "the content of '\(entry.path)' was found bad and lies in quarantine\(Self.remedy)"
          ))
      } else {
        last = Incarnation(rawValue: last.rawValue + 1)
        name = BlobName(digest: content.digest, incarnation: last)
        report.problems.append(
          Problem(
            kind: .missingBlob,
            path: "blobs/\(content.digest.hexadecimal.prefix(2))/\(name)",
            checkpoints: [reference],
            detail: "the content of '\(entry.path)' is lost\(Self.remedy)"))
      }
      used.insert(name)
      try catalog.add(
        BlobRecord(
          name: name, size: content.size, modified: modified,
          owner: chosen.map { sourceOwner($0.status, owner) } ?? owner,
          access: try access(to: name, owner), isCondemned: isCondemned), .content)
    }

    /// Who owned the file that a content came from.
    ///
    /// A hard link is that file itself. Who owned the source of a copy is written nowhere; whoever owned
    /// the checkpoint that brought it is likeliest.
    private func sourceOwner(_ status: BlobStatus, _ checkpointOwner: Ownership) -> Ownership {
      status.hasTimeSet == false ? status.access.owner : checkpointOwner
    }

    /// How a blob's file looks; of a lost one, how a copy that is put back would.
    private func access(to name: BlobName, _ owner: Ownership) throws -> FileAccess {
      try blobs.status(of: name)?.access ?? FileAccess(owner: owner, permissions: 0o644)
    }
  }

  // MARK: Replacing

  /// Puts the new catalog in the old one's place, which keeps another name.
  ///
  /// The old database goes first: without it, whatever a crash leaves is a lost catalog again, and never a
  /// database beside the log of another.
  private func replace() throws {
    let suffixes = ["", "-wal", "-shm"]
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
      // A power cut must not bring the database back without its log.
      try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
    }
    try Steps.perform(.replaceCatalog) {
      try FileSystemCalls.rename(layout.rebuiltCatalog, to: layout.catalog)
    }
    try Steps.perform(.syncStoreDirectory) { try FileSystemCalls.syncDirectory(layout.root) }
  }

  /// Removes the files of a first commit, or of a drop, that a crash left half done: names of histories
  /// without a checkpoint, tags on none.
  private func removeNeedless(_ found: Findings) throws {
    guard found.report.isClean else { return }
    let own = found.checkpoints.map(\.checkpoint)
    let (histories, checkpoints) = (Set(own.map(\.history)), Set(own.map(\.id)))
    for history in found.histories where !histories.contains(history.id) {
      try remove(layout.name(of: history.id))
    }
    for tag in found.tags where !checkpoints.contains(tag.tag.checkpoint) {
      try remove(layout.tag(tag.tag.name, of: tag.tag.history))
    }
  }

  private func remove(_ path: FilePath) throws(FileError) {
    try FileSystemCalls.unlinkIfPresent(path)
    try FileSystemCalls.syncDirectory(path.removingLastComponent())
  }
}
