// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints

/// Adds checkpoints to a catalog that is made anew, with the blobs and pages that they need, each once.
struct RebuildWriter {
  private struct FoundPage {
    let page: Page
    let name: BlobName
  }

  private let catalog: CatalogRebuild
  private let blobs: LocalBlobStore
  private let names: [HistoryID: HistoryName]
  private let files: [Digest: [BlobName]]
  private let quarantined: [Digest: BlobName]
  private var contents: Set<Digest> = []
  private var pages: [Digest: FoundPage] = [:]
  /// The files that are blobs of the catalog.
  private(set) var used: Set<BlobName> = []
  private(set) var lastIncarnation: Incarnation
  /// What checkpoints need and the store lacks.
  private(set) var problems: [Problem] = []

  init(_ catalog: CatalogRebuild, _ blobs: LocalBlobStore, _ found: RebuildFindings) {
    self.catalog = catalog
    self.blobs = blobs
    names = Dictionary(uniqueKeysWithValues: found.histories.map { ($0.id, $0.name) })
    files = found.files
    quarantined = found.quarantined.compactMapValues(\.last)
    lastIncarnation = found.lastIncarnation
  }

  /// - Returns: `false` when the checkpoint cannot be shown at all; a problem says why.
  mutating func add(_ manifest: Manifest) throws -> Bool {
    let checkpoint = manifest.checkpoint
    guard let history = names[checkpoint.history] else {
      problems.append(Self.nameless(checkpoint))
      return false
    }
    let reference = CheckpointReference(history: history, number: checkpoint.number)
    // Found before anything is added: of a checkpoint that is left out, nothing stays.
    var new: [Digest: FoundPage] = [:]
    for digest in manifest.pages where pages[digest] == nil {
      guard let found = try page(digest) else {
        problems.append(Self.pageless(checkpoint, reference, digest))
        return false
      }
      new[digest] = found
    }
    let all = manifest.pages.compactMap { new[$0] ?? pages[$0] }
    guard Self.agree(all.map(\.page)) else {
      problems.append(Self.contradicting(checkpoint, reference))
      return false
    }
    for found in all where pages[found.page.digest] == nil {
      pages[found.page.digest] = found
      try add(found, of: checkpoint, reference)
    }
    try catalog.add(checkpoint, pages: all.map { ($0.page, $0.name) })
    return true
  }

  // MARK: Pages

  /// Whether no two pages of one kind begin with the same path.
  private static func agree(_ pages: [Page]) -> Bool {
    PageStream.allCases.allSatisfy { stream in
      let firsts = pages.filter { $0.stream == stream }.map(\.first)
      return Set(firsts).count == firsts.count
    }
  }

  /// The page with this digest, from whichever file holds it intact.
  private func page(_ digest: Digest) throws -> FoundPage? {
    for name in files[digest] ?? [] where !used.contains(name) {
      // A file that cannot be read is not the one that is looked for.
      guard let bytes = try? blobs.contents(of: name, limit: StoreLayout.recordLimit),
        Digest(hashing: bytes) == digest
      else { continue }
      if let page = try? Page(decoding: bytes) { return FoundPage(page: page, name: name) }
    }
    return nil
  }

  private mutating func add(
    _ found: FoundPage, of checkpoint: CheckpointRecord, _ reference: CheckpointReference
  ) throws {
    for entry in found.page.entries {
      guard let content = entry.content, contents.insert(content.digest).inserted else { continue }
      try add(content, of: entry, checkpoint.owner, reference)
    }
    guard let status = try blobs.status(of: found.name) else {
      throw StoreError(
        .damaged, "the page \(found.name) was removed while the catalog was made anew; try again")
    }
    try catalog.add(
      BlobRecord(
        name: found.name, size: status.size, modified: status.modified,
        owner: status.access.owner, access: status.access), .page)
    try catalog.add(found.page, as: found.name)
    used.insert(found.name)
  }

  // MARK: Contents

  /// Chooses among the files with a content the one that looks as recorded.
  private mutating func add(
    _ content: Content, of entry: Entry, _ owner: Ownership, _ reference: CheckpointReference
  ) throws {
    let chosen = try file(with: content)
    let name = chosen?.name ?? lostName(of: content, entry.path, reference)
    used.insert(name)
    try catalog.add(
      BlobRecord(
        name: name, size: content.size,
        // The time of an own file is that of its path, not of the blob's file.
        modified: entry.isShared ? content.modified : chosen?.status.modified ?? content.modified,
        owner: chosen.map { sourceOwner($0.status, owner) } ?? owner,
        access: try access(to: name, owner),
        isCondemned: chosen == nil && quarantined[content.digest] != nil), .content)
  }

  private func file(with content: Content) throws -> (name: BlobName, status: BlobStatus)? {
    let unused = (files[content.digest] ?? []).filter { !used.contains($0) }
    let candidates = try unused.compactMap { name in
      try blobs.status(of: name).map { (name: name, status: $0) }
    }.filter { $0.status.isRegular && $0.status.size == content.size }
    return candidates.first { $0.status.modified == content.modified } ?? candidates.first
  }

  /// The name of what was found bad, or under which a lost content may come again.
  private mutating func lostName(
    of content: Content, _ path: EntryPath, _ reference: CheckpointReference
  ) -> BlobName {
    let remedy =
      "; 'ckptfs fsck --repair --source DIR' fetches it from a directory or store that has it"
    if let bad = quarantined[content.digest] {
      problems.append(
        Problem(
          kind: .quarantinedBlob, path: "quarantine/\(bad)", checkpoints: [reference],
          detail: "the content of '\(path)' was found bad and lies in quarantine\(remedy)"))
      return bad
    }
    lastIncarnation = Incarnation(rawValue: lastIncarnation.rawValue + 1)
    let name = BlobName(digest: content.digest, incarnation: lastIncarnation)
    problems.append(
      Problem(
        kind: .missingBlob, path: "blobs/\(content.digest.hexadecimal.prefix(2))/\(name)",
        checkpoints: [reference], detail: "the content of '\(path)' is lost\(remedy)"))
    return name
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

// MARK: - What is told of a checkpoint that is left out

extension RebuildWriter {
  private static func manifest(of checkpoint: CheckpointRecord) -> String {
    "manifests/\(checkpoint.history.rawValue)/\(checkpoint.number.directoryName)"
  }

  private static func nameless(_ checkpoint: CheckpointRecord) -> Problem {
    Problem(
      kind: .missingManifest, path: "manifests/\(checkpoint.history.rawValue)/history",
      checkpoints: [],
      detail: "the history's name is lost, so its \(checkpoint.number.directoryName) is left out")
  }

  private static func pageless(
    _ checkpoint: CheckpointRecord, _ reference: CheckpointReference, _ digest: Digest
  ) -> Problem {
    Problem(
      kind: .missingBlob, path: "blobs/\(digest.hexadecimal.prefix(2))/\(digest)-*",
      checkpoints: [reference],
      detail:
        "a page of its entries is lost, so the checkpoint is left out; put the page back, or remove "
        + "'\(manifest(of: checkpoint))' to accept the loss, and rebuild again")
  }

  private static func contradicting(
    _ checkpoint: CheckpointRecord, _ reference: CheckpointReference
  ) -> Problem {
    Problem(
      kind: .wrongManifest, path: manifest(of: checkpoint), checkpoints: [reference],
      detail:
        "it lists pages that contradict each other, as no ckptfs writes it, so the checkpoint is left out; put the right one back, "
        + "or remove it to accept the loss, and rebuild again")
  }
}
