// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
public import SystemPackage

extension Store {
  /// Opens a store and checks it, as ``check(readData:repair:progress:)`` does.
  ///
  /// - Throws: as `init(at:freeing:)`, but for a catalog that is lost or damaged, which is a problem like others.
  public static func check(
    at path: FilePath, readData: Bool, repair: Bool, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    let layout = StoreLayout(root: path)
    _ = try StoreMarker.read(layout)
    do throws(StoreError) {
      return try Store(at: path).check(readData: readData, repair: repair, progress: progress)
    } catch {
      guard error.code == .damaged else { throw error }
      let isThere = try translating { try FileSystemCalls.exists(layout.catalog) }
      return CheckReport(
        problems: [
          Problem(
            kind: isThere ? .damagedCatalog : .lostCatalog,
            path: layout.relativeName(of: layout.catalog), checkpoints: [],
            detail: "\(error.message.withoutRemedy); \(catalogRemedy)")
        ])
    }
  }

  fileprivate static let catalogRemedy =
    "'ckptfs fsck --rebuild-catalog' makes it anew from the manifests"

  /// Compares the catalog with itself, with the blobs and with the manifests.
  ///
  /// - Parameters:
  ///   - readData: hash every blob: finds rot that leaves size and time alone.
  ///   - repair: write manifests and pages anew that are missing or wrong, and accept a blob whose time changed when `readData`
  ///     found its content right.
  public func check(
    readData: Bool, repair: Bool, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    try translating {
      try outbox.replay()
      let check = Check(store: self, readsData: readData, repairs: repair)
      return try check.run(progress)
    }
  }
}

/// One run of checking a store.
private struct Check {
  let store: Store
  let readsData: Bool
  let repairs: Bool

  func run(_ progress: ProgressHandler?) throws -> CheckReport {
    var report = CheckReport()
    report.problems = try store.catalog.inconsistencies().map {
      Problem(
        kind: .damagedCatalog, path: "catalog.sqlite", checkpoints: [],
        detail: "\($0.onOneLine); \(Store.catalogRemedy)")
    }
    // Counts and names from a broken catalog prove nothing about files.
    guard report.isClean else { return report }
    try checkBlobs(progress, &report)
    try checkStrayBlobs(&report)
    try checkManifests(&report)
    return report
  }

  // MARK: Blobs

  private func checkBlobs(_ progress: ProgressHandler?, _ report: inout CheckReport) throws {
    let statistics = try store.catalog.statistics()
    let counter = ByteCounter(
      total: statistics.blobBytes + statistics.unreferencedBytes, handler: progress)
    var portion: [(record: BlobRecord, kind: BlobKind)] = []
    try store.catalog.forEachBlob { record, kind in
      portion.append((record, kind))
      if portion.count == 256 {
        try checkBlobs(portion, counter, &report)
        portion = []
      }
    }
    try checkBlobs(portion, counter, &report)
  }

  private func checkBlobs(
    _ blobs: [(record: BlobRecord, kind: BlobKind)], _ counter: ByteCounter,
    _ report: inout CheckReport
  ) throws {
    let findings = try concurrently(blobs, width: 4) { blob in
      try examine(blob.record, blob.kind, counter)
    }
    // What is not stored any more was collected since it was listed.
    let relevant = try findings.filter {
      try !$0.isNothing && store.catalog.isStored($0.blob.name)
    }
    guard !relevant.isEmpty else { return }
    let users = try store.catalog.checkpoints(needing: relevant.map(\.blob.name))
    for (finding, users) in zip(relevant, users) { try note(finding, users, &report) }
  }

  /// How a blob's file differs from its record.
  private struct Finding {
    let blob: BlobRecord
    let kind: BlobKind
    var flaw: BlobFlaw?
    var access: AccessChange?

    var isNothing: Bool { flaw == nil && access == nil }
    var path: String { "blobs/\(blob.name.description.prefix(2))/\(blob.name)" }
  }

  private func examine(
    _ blob: BlobRecord, _ kind: BlobKind, _ counter: ByteCounter
  ) throws -> Finding {
    var finding = Finding(blob: blob, kind: kind)
    guard let status = try store.blobs.status(of: blob.name) else {
      finding.flaw = .missing
      return finding
    }
    finding.flaw = BlobFlaw(status, of: blob)
    switch kind {
    case .content: finding.access = AccessChange(status, of: blob)
    // A page's text was written by us, so its time says nothing.
    case .page: if finding.flaw == .modified { finding.flaw = nil }
    }
    if readsData || kind == .page, [nil, .modified, .content].contains(finding.flaw) {
      let found = try flawOfBytes(of: blob, counter)
      finding.flaw = found ?? (finding.flaw == .modified ? .modified : nil)
      // What a reader knows to be wrong it must not show; what was put right it may again.
      if readsData, kind == .content, blob.isCondemned != (found == .content) {
        try store.catalog.condemn(blob.name, found == .content)
      }
    }
    return finding
  }

  private func flawOfBytes(of blob: BlobRecord, _ counter: ByteCounter) throws -> BlobFlaw? {
    do throws(BlobStoreError) {
      let digest = try store.blobs.digest(of: blob.name, progress: counter.add)
      return digest == blob.name.digest ? nil : .content
    } catch {
      return .unreadable(error.message)
    }
  }

  private func note(
    _ finding: Finding, _ users: [CheckpointReference], _ report: inout CheckReport
  ) throws {
    if let access = finding.access {
      report.notices.append(
        access.notice(path: finding.path, checkpoints: users, owner: try owner()))
    }
    guard let flaw = finding.flaw else { return }
    let subject = finding.kind == .page ? "the page" : "the blob"
    func problem(_ detail: String) -> Problem {
      Problem(
        kind: Problem.Kind(flaw), path: finding.path, checkpoints: users,
        detail: "\(subject) \(detail)")
    }
    if try repairs && repair(flaw, of: finding.blob, finding.kind) {
      report.repaired.append(problem(flaw.repaired))
    } else {
      report.problems.append(problem("\(flaw)\(remedy(for: flaw, finding.kind))"))
    }
  }

  private func remedy(for flaw: BlobFlaw, _ kind: BlobKind) -> String {
    switch kind {
    case .page: repairs ? "" : "; 'ckptfs fsck --repair' writes it anew"
    case .content:
      flaw == .content
        ? "; committing the same content again, from any directory that has it, heals this" : ""
    }
  }

  /// Whoever owns the store's directory is whom to expect behind a mount of it.
  private func owner() throws(FileError) -> Ownership {
    let status = try FileStatus(following: store.path)
    return Ownership(user: status.user, group: status.group)
  }

  /// - Returns: `false` for what cannot be repaired from what the store has.
  private func repair(
    _ flaw: BlobFlaw, of blob: BlobRecord, _ kind: BlobKind
  ) throws -> Bool {
    switch kind {
    case .content:
      guard readsData, flaw == .modified else { return false }
      try store.blobs.setModified(blob.name, to: blob.modified)
    case .page:
      // The catalog has the text, too.
      guard let text = try store.catalog.pageText(blob.name),
        Digest(hashing: text) == blob.name.digest
      else { return false }
      let owner = try LiveOwner(store.layout)
      let area = try store.blobs.makeStagingArea(owner: owner.token)
      try store.blobs.replace(blob.name, by: store.blobs.stage(text, in: area))
    }
    return true
  }

  private func checkStrayBlobs(_ report: inout CheckReport) throws {
    var names: [BlobName] = []
    try store.blobs.forEachName { names.append($0) }
    for name in names where try !store.catalog.isKnown(name) {
      // Collection forgets a blob only after its file is gone.
      if try store.blobs.status(of: name) == nil { continue }
      let problem = Problem(
        kind: .strayBlob, path: "blobs/\(name.description.prefix(2))/\(name)", checkpoints: [],
        detail:
          "the catalog does not know this file, which may be a piece of a checkpoint: do not remove it; once every manifest "
          + "is right, 'ckptfs fsck --rebuild-catalog' finds whose it is, or hands it to 'ckptfs gc'"
      )
      report.problems.append(problem)
    }
  }

  // MARK: Manifests

  private func checkManifests(_ report: inout CheckReport) throws {
    var expected: Set<FilePath> = []
    for history in try store.histories() {
      let name = store.layout.name(of: history.id)
      expected.insert(name)
      try expect(at: name, hurt: [], &report) {
        try store.catalog.history(history.id).map {
          HistoryManifest(store: store.id, id: $0.id, name: $0.name).encoded
        }
      }
      for checkpoint in try store.checkpoints(of: history) {
        let path = store.layout.manifest(of: history.id, checkpoint.number)
        expected.insert(path)
        let hurt = CheckpointReference(history: history.name, number: checkpoint.number)
        try expect(at: path, hurt: [hurt], &report) {
          try store.catalog.checkpoint(checkpoint.id).map {
            try store.outbox.manifest(of: $0).encoded
          }
        }
      }
      for tag in try store.tags(of: history) {
        let path = store.layout.tag(tag.name, of: history.id)
        expected.insert(path)
        let hurt = CheckpointReference(history: history.name, number: tag.number)
        try expect(at: path, hurt: [hurt], &report) {
          try store.catalog.tag(tag.id).map { TagManifest(store: store.id, tag: $0).encoded }
        }
      }
    }
    try checkStrayManifests(expected, &report)
  }

  /// - Parameter content: what the catalog says that the file must hold; `nil` when it must not be any more.
  private func expect(
    at path: FilePath, hurt: [CheckpointReference], _ report: inout CheckReport,
    _ content: () throws -> [UInt8]?
  ) throws {
    if try isRight(path, content()) { return }
    // Another process may be between its transaction and the file.
    try store.outbox.replay()
    guard let expected = try content(), try !isRight(path, expected) else { return }
    let isThere = try FileSystemCalls.exists(path)
    func problem(_ remedy: String) -> Problem {
      Problem(
        kind: isThere ? .wrongManifest : .missingManifest,
        path: store.layout.relativeName(of: path), checkpoints: hurt,
        detail: "a rebuilt catalog would lack what it should say; \(remedy)")
    }
    if repairs {
      try store.outbox.rewrite(path, content)
      report.repaired.append(problem("it was written anew"))
    } else {
      report.problems.append(problem("'ckptfs fsck --repair' writes it anew"))
    }
  }

  private func isRight(_ path: FilePath, _ content: [UInt8]?) throws -> Bool {
    guard let content else { return false }
    // What is gone or cannot be read is not right; `repair` tells whether it can be written.
    return (try? FileSystemCalls.contents(of: path, limit: 1 << 26)) == content
  }

  private func checkStrayManifests(
    _ expected: Set<FilePath>, _ report: inout CheckReport
  ) throws {
    for directory in try DirectoryListing.names(in: store.layout.manifests) {
      let directory = store.layout.manifests.appending(bytes: directory)
      guard try FileStatus(at: directory).kind == .directory else { continue }
      for name in try DirectoryListing.names(in: directory) {
        let path = directory.appending(bytes: name)
        if try expected.contains(path) || isNew(path) { continue }
        report.problems.append(try stray(path))
      }
    }
  }

  private func stray(_ path: FilePath) throws -> Problem {
    let name = store.layout.relativeName(of: path)
    // A rebuild would leave such a file out again.
    if let id = path.removingLastComponent().lastComponent.flatMap({ Int64($0.string) }),
      case .unusable(let flaw) = ManifestFile(path, of: HistoryID(rawValue: id), in: store.id)
    {
      let history = HistoryID(rawValue: id)
      return Problem(
        unusable: name, of: history, named: try store.catalog.history(history)?.name, flaw: flaw)
    }
    return Problem(
      kind: .strayManifest, path: name, checkpoints: [],
      detail:
        "the catalog knows nothing of it; 'ckptfs fsck --rebuild-catalog' takes it in, if what it needs is there; "
        + "else remove it to accept that it is lost")
  }

  /// Whether a file belongs to something that came after the catalog was listed.
  private func isNew(_ path: FilePath) throws -> Bool {
    guard let name = path.lastComponent?.string,
      let id = path.removingLastComponent().lastComponent.flatMap({ Int64($0.string) })
    else { return false }
    let history = HistoryID(rawValue: id)
    if name == "history" { return try store.catalog.history(history) != nil }
    if let number = CheckpointNumber(directoryName: name) {
      return try store.catalog.checkpoint(number, of: history) != nil
    }
    guard name.hasPrefix("tag-"), let tag = try? TagName(String(name.dropFirst(4))) else {
      return false
    }
    return try store.catalog.tag(named: tag, of: history) != nil
  }
}

extension String {
  /// SQLite may tell of several flaws in several lines.
  fileprivate var onOneLine: String { split(separator: "\n").joined(separator: ", ") }

  /// What is wrong, without what to do about it.
  fileprivate var withoutRemedy: Substring {
    split(separator: ";", maxSplits: 1).first ?? self[...]
  }
}
