// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

/// Adds checkpoints to a catalog that is made anew, with the blobs and pages that they need, each once.
struct RebuildWriter {
  private struct FoundPage {
    let page: Page
    let name: BlobName
  }

  /// A file that is named after a content.
  private struct FoundFile {
    /// As the catalog has it, once it does.
    var name: BlobName
    let status: BlobStatus
    /// Why it is not the content, if that is known.
    var flaw: BlobFlaw?
    /// Whether it was read, and is the content, whenever it was written.
    var isProven = false

    init(_ name: BlobName, _ status: BlobStatus, of content: Content) {
      self.name = name
      self.status = status
      if !status.isRegular {
        flaw = .notRegular
      } else if status.size != content.size {
        flaw = .size(found: status.size, recorded: content.size)
      }
    }
  }

  private let catalog: CatalogRebuild
  private let blobs: LocalBlobStore
  private let names: [HistoryID: HistoryName]
  private let files: [Digest: [BlobName]]
  private let quarantined: [Digest: BlobName]
  private var contents: Set<Digest> = []
  /// Files of contents that no checkpoint so far gives their time for: a later one may have brought them.
  private var otherTimes: [Digest: FoundFile] = [:]
  private var pages: [Digest: FoundPage] = [:]
  /// Why files of pages could not be read.
  private var unread: [Digest: String] = [:]
  /// The files that are blobs of the catalog.
  private(set) var used: Set<BlobName> = []
  /// Theirs: no two blobs have the same.
  private var incarnations: Set<Incarnation> = []
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
        problems.append(Self.pageless(checkpoint, reference, digest, unread: unread[digest]))
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
      let name = try add(found, of: checkpoint, reference)
      pages[found.page.digest] = FoundPage(page: found.page, name: name)
    }
    try catalog.add(
      checkpoint,
      pages: manifest.pages.compactMap { pages[$0] }.map { ($0.page, $0.name) })
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
  private mutating func page(_ digest: Digest) throws -> FoundPage? {
    unread[digest] = nil
    for name in preferred(files[digest] ?? []) {
      guard let bytes = try contents(of: name), Digest(hashing: bytes) == digest else { continue }
      // With these bytes it was written so: it is no page, or none of this version's.
      if let page = try? Page(decoding: bytes) { return FoundPage(page: page, name: name) }
    }
    return nil
  }

  /// - Returns: `nil` when the file is gone, or cannot be read, which is noted.
  private mutating func contents(of name: BlobName) throws -> [UInt8]? {
    do throws(BlobStoreError) {
      return try blobs.contents(of: name, limit: StoreLayout.recordLimit)
    } catch {
      unread[name.digest] = try Self.reason(error)
      return nil
    }
  }

  /// - Throws: `error`, where another process can do better: then somebody else makes the catalog anew, or this one again.
  /// - Returns: why the file could not be read; `nil` when it is gone, or no such file as is looked for.
  private static func reason(_ error: BlobStoreError) throws(BlobStoreError) -> String? {
    switch error.code {
    case .io: throw error
    case .unreadable:
      if (error.cause as? FileError)?.concernsCaller == true { throw error }
      return error.message
    default: return nil
    }
  }

  /// - Returns: the name of its blob.
  private mutating func add(
    _ found: FoundPage, of checkpoint: CheckpointRecord, _ reference: CheckpointReference
  ) throws -> BlobName {
    for entry in found.page.entries {
      guard let content = entry.content else { continue }
      if contents.insert(content.digest).inserted {
        try add(content, of: entry, checkpoint.owner, reference)
      } else if entry.isShared, let file = otherTimes[content.digest],
        file.status.modified == content.modified
      {
        try catalog.setModified(file.name, to: content.modified)
        otherTimes[content.digest] = nil
      }
    }
    // A content may have taken its incarnation by now.
    let file = incarnations.contains(found.name.incarnation) ? try page(found.page.digest) : nil
    let name = try claim((file ?? found).name, isThere: true)
    guard let status = try blobs.status(of: name) else {
      throw StoreError(
        .damaged, "the page \(name) was removed while the catalog was made anew; try again")
    }
    try catalog.add(
      BlobRecord(
        name: name, size: status.size, modified: status.modified,
        owner: status.access.owner, access: status.access), .page)
    try catalog.add(found.page, as: name)
    return name
  }

  // MARK: Names

  /// Makes a file a blob of the catalog: under its own name, or, where another blob has that one's incarnation, which is its id
  /// there, under a new one that the file is given, too.
  ///
  /// Only an older catalog gives an incarnation again. The file's old name goes when it is found to be needless.
  private mutating func claim(_ file: BlobName, isThere: Bool) throws -> BlobName {
    var name = file
    if incarnations.contains(file.incarnation) {
      name = nextName(of: file.digest)
      if isThere { try blobs.link(file, as: name) }
    }
    incarnations.insert(name.incarnation)
    used.insert(name)
    return name
  }

  /// The names that are no blob's yet, those first that can be one's as they are.
  private func preferred(_ names: [BlobName]) -> [BlobName] {
    let free = names.filter { !used.contains($0) }
    return free.filter { !incarnations.contains($0.incarnation) }
      + free.filter { incarnations.contains($0.incarnation) }
  }

  private mutating func nextName(of digest: Digest) -> BlobName {
    lastIncarnation = Incarnation(rawValue: lastIncarnation.rawValue + 1)
    return BlobName(digest: digest, incarnation: lastIncarnation)
  }

  // MARK: Contents

  private mutating func add(
    _ content: Content, of entry: Entry, _ owner: Ownership, _ reference: CheckpointReference
  ) throws {
    let found = try file(with: content)
    var sound = found.flatMap { $0.flaw == nil ? $0 : nil }
    if let found, let flaw = found.flaw {
      problems.append(Self.spoilt(found.name, flaw, entry.path, reference))
    }
    let name = try claim(
      found?.name ?? lostName(of: content, entry.path, reference),
      isThere: found?.status.isRegular == true)
    sound?.name = name
    // The time of an own file is that of its path, not of the blob's file.
    let modified =
      if let sound, !entry.isShared || sound.isProven {
        sound.status.modified
      } else {
        content.modified
      }
    if let sound, sound.status.modified != modified { otherTimes[content.digest] = sound }
    try catalog.add(
      BlobRecord(
        name: name, size: content.size, modified: modified,
        owner: sound.map { sourceOwner($0.status, owner) } ?? owner,
        access: try access(to: name, owner),
        isCondemned: found.map { $0.flaw == .content } ?? (quarantined[content.digest] != nil)),
      .content)
  }

  /// Chooses among the files with a content the one that looks as recorded.
  ///
  /// Where several do, as where a bad one was replaced by a commit and is not collected yet, they are read: what was known of
  /// them is lost with the catalog, and what is not chosen is removed.
  private func file(with content: Content) throws -> FoundFile? {
    let found = try preferred(files[content.digest] ?? []).compactMap { name in
      try blobs.status(of: name).map { FoundFile(name, $0, of: content) }
    }
    let sound = found.filter { $0.flaw == nil }
    let candidates =
      sound.filter { $0.status.modified == content.modified }
      + sound.filter { $0.status.modified != content.modified }
    guard candidates.count > 1 else { return candidates.first ?? found.last }
    var bad: FoundFile?
    for var candidate in candidates {
      candidate.flaw = try flaw(of: candidate.name)
      candidate.isProven = candidate.flaw == nil
      if candidate.isProven { return candidate }
      // What could not be read may be right.
      if bad?.flaw == nil || bad?.flaw == .content { bad = candidate }
    }
    return bad
  }

  /// What reading a file to its end tells.
  private func flaw(of name: BlobName) throws(BlobStoreError) -> BlobFlaw? {
    do throws(BlobStoreError) {
      return try blobs.digest(of: name) { _ in } == name.digest ? nil : .content
    } catch {
      return try Self.reason(error).map { .unreadable($0) } ?? .missing
    }
  }

  /// The name of what was found bad, or under which a lost content may come again.
  private mutating func lostName(
    of content: Content, _ path: EntryPath, _ reference: CheckpointReference
  ) -> BlobName {
    if let bad = quarantined[content.digest] {
      problems.append(
        Problem(
          kind: .quarantinedBlob, path: StoreLayout.relativeBlobs.quarantinedPath(of: bad).string,
          checkpoints: [reference],
          detail: "the content of '\(path)' was found bad and lies in quarantine\(Self.remedy)"))
      return bad
    }
    let name = nextName(of: content.digest)
    problems.append(
      Problem(
        kind: .missingBlob, path: Self.path(of: name), checkpoints: [reference],
        detail: "the content of '\(path)' is lost\(Self.remedy)"))
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
