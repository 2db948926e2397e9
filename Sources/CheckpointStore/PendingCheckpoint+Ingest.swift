// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// The entries of a checkpoint, all of them in the store and kept from collection.
public struct IngestedEntries: Sendable {
  /// The entries, by page, in order.
  let pages: [PageDraft]
  /// How many files have contents that were not in the store before, and the bytes of those contents.
  let newFiles: Int64
  let newBytes: Int64
}

extension PendingCheckpoint {
  /// Takes files into the store; those that are there already are recognised and not copied.
  ///
  /// A file is not even read where evidence shows that it is one that was hashed before
  /// (promise P5). All are looked at again at the end.
  ///
  /// - Parameters:
  ///   - linking: whether sources may be hard-linked: only where nobody writes to them in place.
  ///   - width: how many files are read at a time.
  /// - Throws: code `sourceChanged` when a file changed meanwhile, `invalid` when one is no regular file.
  public borrowing func ingest(
    _ files: [SourceFile], policy: IngestPolicy = .auto, linking: Bool = true, width: Int = 4,
    progress: ProgressHandler? = nil
  ) throws(StoreError) -> IngestedEntries {
    let ingest = Ingest(
      store: store, flight: flight, policy: policy, linking: linking, width: width)
    return try translating { try ingest.run(files, progress: progress) }
  }
}

/// One run of taking files in.
private struct Ingest {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let policy: IngestPolicy
  let linking: Bool
  let width: Int

  /// Sources are staged and made durable in portions, so that open names and transactions stay few, and a
  /// commit that is killed has not hashed in vain: what was settled is found by evidence next time.
  private static let portionFiles = 1024
  private static let portionBytes: UInt64 = 1 << 30

  typealias Item = Recognition.Item

  /// What a file holds, in the store by now.
  private struct Taken {
    let content: Content
    /// The file is the blob's own, by a hard link.
    let isBlob: Bool
  }

  func run(_ files: [SourceFile], progress: ProgressHandler?) throws -> IngestedEntries {
    let files = try sorted(files)
    let items = try Item.looking(at: files)
    let base = try BasePages(store.catalog, of: flight.record.base)
    let runs = SharedRuns(of: items, base)
    var taken: [EntryPath: Taken] = [:]
    let unknown = try recognise(
      items.filter { $0.file.kind == .own } + runs.unkept,
      in: base.contents(without: runs.keptPages), into: &taken)
    let counter = ByteCounter(
      total: Int64(clamping: unknown.reduce(0) { $0 + $1.status.size }), handler: progress)
    var new = (files: Int64(0), bytes: Int64(0))
    for portion in portions(unknown) {
      let added = try takeIn(portion, counter, into: &taken)
      new.files += added.files
      new.bytes += added.bytes
    }
    try Steps.perform(.recheckSource) { try Item.recheck(items) }
    return IngestedEntries(
      pages: pages(of: files, runs, taken), newFiles: new.files, newBytes: new.bytes)
  }

  /// The files by path. A tree has each path once, and a directory for everything in one.
  private func sorted(_ files: [SourceFile]) throws -> [SourceFile] {
    let files = files.sorted { $0.path < $1.path }
    for (file, next) in zip(files, files.dropFirst()) where file.path == next.path {
      throw StoreError(.invalid, "'\(file.path)' is there twice: a path has one file")
    }
    let directories = Set(files.filter { $0.kind == .directory }.map(\.path))
    for file in files {
      if let parent = file.path.parent, !directories.contains(parent) {
        throw StoreError(
          .invalid, "'\(file.path)' lies in '\(parent)', which is no directory of the checkpoint")
      }
    }
    return files
  }

  // MARK: Recognising

  /// Finds the contents of files that were hashed before; the others are returned.
  private func recognise(
    _ items: [Item], in base: [EntryPath: Content], into taken: inout [EntryPath: Taken]
  ) throws -> [Item] {
    let (found, unknown) = try Recognition(store: store, base: base).recognise(items)
    return unknown + (try keep(found, base, into: &taken))
  }

  /// Records what was found, pinned where the base does not keep it; what is gone meanwhile is returned.
  private func keep(
    _ found: [Recognition.Found], _ base: [EntryPath: Content],
    into taken: inout [EntryPath: Taken]
  ) throws -> [Item] {
    // The base's contents are leased, so they need no pins.
    let kept = Set(base.values.map(\.digest))
    let toPin = found.filter { !kept.contains($0.blob.name.digest) }
    let pinned =
      toPin.isEmpty ? [] : try store.catalog.pin(toPin.map(\.blob.name), for: flight.record)
    var gone: Set<EntryPath> = []
    for (pin, isThere) in zip(toPin, pinned) where !isThere { gone.insert(pin.item.file.path) }
    for (item, blob, isBlob) in found where !gone.contains(item.file.path) {
      taken[item.file.path] = Taken(content: content(of: item, blob), isBlob: isBlob)
    }
    return found.filter { gone.contains($0.item.file.path) }.map(\.item)
  }

  /// A shared file has its blob's time in all checkpoints, being one inode; an own file has its own.
  private func content(of item: Item, _ blob: BlobRecord) -> Content {
    item.file.kind == .shared
      ? blob.content
      : Content(
        digest: blob.name.digest, size: blob.size,
        modified: Timestamp(nanoseconds: item.status.modified))
  }

  // MARK: Taking in

  private func portions(_ items: [Item]) -> [[Item]] {
    var portions: [[Item]] = []
    var portion: [Item] = []
    var bytes: UInt64 = 0
    for item in items {
      portion.append(item)
      bytes += item.status.size
      if portion.count == Self.portionFiles || bytes >= Self.portionBytes {
        portions.append(portion)
        (portion, bytes) = ([], 0)
      }
    }
    return portion.isEmpty ? portions : portions + [portion]
  }

  private func takeIn(
    _ items: [Item], _ counter: ByteCounter, into taken: inout [EntryPath: Taken]
  ) throws -> (files: Int64, bytes: Int64) {
    let staged = try concurrently(items, width: width) { item in
      try Item.blamingSource(item.file) {
        try store.blobs.stage(
          item.file.location, mode: mode(of: item), in: flight.area, progress: counter.add)
      }
    }
    var distinct: [Digest: StagedBlob] = [:]
    for blob in staged where distinct[blob.content.digest] == nil {
      distinct[blob.content.digest] = blob
    }
    let blobs = Array(distinct.values)
    let reservations = try store.catalog.reserve(
      blobs.map { NewBlob(content: $0.content, owner: $0.owner) }, kind: .content,
      for: flight.record)
    var records: [Digest: BlobRecord] = [:]
    var toPlace: [(staged: StagedBlob, name: BlobName)] = []
    var damaged: [(staged: StagedBlob, name: BlobName)] = []
    for (blob, reservation) in zip(blobs, reservations) {
      switch reservation {
      case .kept(let record):
        records[blob.content.digest] = record
        if try store.flaw(of: record) != nil { damaged.append((blob, record.name)) }
      case .new(let name): toPlace.append((blob, name))
      }
    }
    let new = Set(toPlace.map(\.name.digest))
    let newBytes = toPlace.reduce(0) { $0 + Int64(clamping: $1.staged.content.size) }
    toPlace += try replacements(for: damaged.map(\.staged))
    try store.blobs.place(toPlace)
    let names = Dictionary(
      uniqueKeysWithValues: toPlace.map { (ObjectIdentifier($0.staged), $0.name) })
    let evidence = staged.compactMap { blob in
      blob.evidence.map { seen in
        SourceEvidence(
          evidence: seen, digest: blob.content.digest,
          linked: blob.isLinked ? names[ObjectIdentifier(blob)]?.incarnation : nil)
      }
    }
    let settled = try store.catalog.settle(
      toPlace.map(\.name), replacing: Set(damaged.map(\.name)), evidence: evidence,
      for: flight.record)
    for record in settled { records[record.name.digest] = record }
    for (item, blob) in zip(items, staged) {
      guard let record = records[blob.content.digest] else {
        preconditionFailure("every staged content was kept or placed")
      }
      let placed = names[ObjectIdentifier(blob)]
      taken[item.file.path] = Taken(
        content: content(of: item, record), isBlob: blob.isLinked && placed == record.name)
    }
    return (Int64(staged.count { new.contains($0.content.digest) }), newBytes)
  }

  /// Names for contents that are in hand again while their blobs in the store are damaged: taking those for
  /// granted would let one damage hurt every later checkpoint (FLINK-27681).
  private func replacements(
    for blobs: [StagedBlob]
  ) throws -> [(staged: StagedBlob, name: BlobName)] {
    guard !blobs.isEmpty else { return [] }
    let names = try store.catalog.reserveReplacements(
      blobs.map { NewBlob(content: $0.content, owner: $0.owner) }, for: flight.record)
    return Array(zip(blobs, names))
  }

  private func mode(of item: Item) -> IngestMode {
    policy.mode(of: item.file, linking: linking && !item.isWrittenInPlace)
  }

  // MARK: Finishing

  private func pages(
    of files: [SourceFile], _ runs: SharedRuns, _ taken: [EntryPath: Taken]
  ) -> [PageDraft] {
    func entry(_ file: SourceFile) -> Entry {
      if file.kind == .directory { return Entry(path: file.path, kind: .directory) }
      guard let content = taken[file.path]?.content else {
        preconditionFailure("every file's content was found or taken in")
      }
      return Entry(path: file.path, kind: file.kind == .shared ? .shared(content) : .own(content))
    }
    let own = Pagination.pages(of: files.filter { $0.kind != .shared }.map(entry))
    return own.map { .made($0, sources: nil) }
      + runs.map { files, kept in
        if let kept { return .kept(kept) }
        let areBlobs = files.allSatisfy { taken[$0.file.path]?.isBlob == true }
        return .made(
          Page(entries: files.map { entry($0.file) }),
          sources: areBlobs ? BasePages.sources(of: files) : nil)
      }
  }
}
