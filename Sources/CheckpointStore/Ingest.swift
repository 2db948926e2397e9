// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// One run of taking files in.
struct Ingest {
  let store: Store
  let flight: PendingCheckpoint.Flight
  let policy: IngestPolicy
  let linking: Bool
  let width: Int
  let cancellation: Cancellation

  /// Sources are staged and made durable in portions, so that open names and transactions stay few, and a
  /// commit that is killed has not hashed in vain: what was settled is found by evidence next time.
  private static let portionFiles = 1024
  private static let portionBytes: UInt64 = 1 << 30

  /// What a file holds, in the store by now.
  private struct Taken {
    let content: Content
    /// The file is the blob's own, by a hard link, and there is evidence for what it holds.
    let isBlob: Bool
  }

  private typealias PlacedBlob = (staged: StagedBlob, name: BlobName)

  /// What the store has of the contents that are staged, each once.
  private struct KnownContents {
    /// What it had before.
    var records: [Digest: BlobRecord] = [:]
    /// Those of them whose files are damaged, with the names of these.
    var damaged: [PlacedBlob] = []
    /// What it had not, with names for it.
    var new: [PlacedBlob] = []
  }

  func run(_ files: [SeenFile], progress: ProgressHandler?) throws -> IngestedEntries {
    let files = try sorted(files)
    let own = files.filter { $0.kind == .own }
    let base = try BasePages(
      store.catalog, of: flight.record.base, in: flight.directory)
    let shared = SharedRuns(of: files.filter { $0.kind == .shared }, base)
    var taken: [EntryPath: Taken] = [:]
    let unknown = try recognise(
      own + shared.unkept, in: base.contents(without: shared.keptPages), into: &taken)
    let counter = ByteCounter(
      total: unknown.lazy.map { Int64(clamping: $0.size) }.sum(), handler: progress)
    var new = (files: Int64(0), bytes: Int64(0))
    for portion in portions(unknown) {
      try cancellation.check()
      let added = try takeIn(portion, counter, into: &taken)
      new.files += added.files
      new.bytes += added.bytes
    }
    try cancellation.check()
    try Steps.perform(.recheckSource) {
      try SeenFile.recheck(own)
      try SeenFile.recheck(shared.files)
    }
    return IngestedEntries(
      pages: Self.ownPages(of: files, taken) + Self.sharedPages(of: shared, taken), base: base,
      newFiles: new.files, newBytes: new.bytes)
  }

  /// The files by path. A tree has each path once, and a directory for everything in one.
  private func sorted(_ files: [SeenFile]) throws -> [SeenFile] {
    let isSorted = zip(files, files.dropFirst()).allSatisfy { $0.path < $1.path }
    let files = isSorted ? files : files.sorted { $0.path < $1.path }
    if !isSorted {
      for (file, next) in zip(files, files.dropFirst()) where file.path == next.path {
        throw StoreError(.invalid, "'\(file.path)' is there twice: a path has one file")
      }
    }
    let directories = Set(files.lazy.filter { $0.kind == .directory }.map(\.path))
    for file in files {
      try file.checkKind()
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
    _ files: [SeenFile], in base: [EntryPath: Content], into taken: inout [EntryPath: Taken]
  ) throws -> [SeenFile] {
    let (found, unknown) = try Recognition(store: store, base: base).recognise(files)
    return unknown + (try keep(found, base, into: &taken))
  }

  /// Records what was found, pinned where the base does not keep it; what is gone meanwhile is returned.
  private func keep(
    _ found: [Recognition.Found], _ base: [EntryPath: Content],
    into taken: inout [EntryPath: Taken]
  ) throws -> [SeenFile] {
    // The base's contents are leased, so they need no pins.
    let kept = Set(base.values.map(\.digest))
    let toPin = found.filter { !kept.contains($0.blob.name.digest) }
    let pinned =
      toPin.isEmpty ? [] : try store.catalog.pin(toPin.map(\.blob.name), for: flight.record)
    var gone: Set<EntryPath> = []
    for (pin, isThere) in zip(toPin, pinned) where !isThere { gone.insert(pin.file.path) }
    for (file, blob, isBlob) in found where !gone.contains(file.path) {
      taken[file.path] = Taken(content: content(of: file, blob), isBlob: isBlob)
    }
    return found.filter { gone.contains($0.file.path) }.map(\.file)
  }

  /// A shared file has its blob's time in all checkpoints, being one inode; an own file has its own.
  private func content(of file: SeenFile, _ blob: BlobRecord) -> Content {
    file.kind == .shared
      ? blob.content
      : Content(
        digest: blob.name.digest, size: blob.size,
        modified: Timestamp(nanoseconds: file.status.modified))
  }

  // MARK: Taking in

  private func portions(_ files: [SeenFile]) -> [[SeenFile]] {
    var portions: [[SeenFile]] = []
    var portion: [SeenFile] = []
    var bytes: UInt64 = 0
    for file in files {
      portion.append(file)
      bytes += file.size
      if portion.count == Self.portionFiles || bytes >= Self.portionBytes {
        portions.append(portion)
        (portion, bytes) = ([], 0)
      }
    }
    return portion.isEmpty ? portions : portions + [portion]
  }

  private func takeIn(
    _ files: [SeenFile], _ counter: ByteCounter, into taken: inout [EntryPath: Taken]
  ) throws -> (files: Int64, bytes: Int64) {
    let staged = try stage(files, counter)
    let known = try reserve(staged)
    let placed = known.new + (try replacements(for: known.damaged))
    try store.blobs.place(placed)
    let names = Dictionary(
      uniqueKeysWithValues: placed.map { (ObjectIdentifier($0.staged), $0.name) })
    let linked = try zip(files, staged).map { file, blob in
      try ownBlob(of: file, blob, placed: names[ObjectIdentifier(blob)], known.records)
    }
    let records = try settle(placed.map(\.name), known, evidence(of: staged, linked))
    for ((file, blob), linked) in zip(zip(files, staged), linked) {
      guard let record = records[blob.content.digest] else {
        preconditionFailure("every staged content was kept or placed")
      }
      taken[file.path] = Taken(
        content: content(of: file, record),
        isBlob: blob.evidence != nil && linked == record.name)
    }
    let new = Set(known.new.map(\.name.digest))
    return (
      Int64(staged.count { new.contains($0.content.digest) }),
      known.new.lazy.map { Int64(clamping: $0.staged.content.size) }.sum()
    )
  }

  private func stage(_ files: [SeenFile], _ counter: ByteCounter) throws -> [StagedBlob] {
    try concurrently(files, width: width) { file in
      try file.blamingSource {
        try store.blobs.stage(
          file.source.place, mode: policy.mode(of: file, linking: linking), in: flight.area
        ) { count throws(CancellationError) in
          try cancellation.check()
          counter.add(count)
        }
      }
    }
  }

  /// Asks the catalog which contents the store has, and for names for the others.
  private func reserve(_ staged: [StagedBlob]) throws -> KnownContents {
    let distinct = Dictionary(staged.map { ($0.content.digest, $0) }) { first, _ in first }
    let blobs = Array(distinct.values)
    let reservations = try store.catalog.reserve(
      blobs.map(NewBlob.init), kind: .content, for: flight.record)
    var known = KnownContents()
    for (blob, reservation) in zip(blobs, reservations) {
      switch reservation {
      case .kept(let record):
        known.records[blob.content.digest] = record
        if try store.flaw(of: record) != nil { known.damaged.append((blob, record.name)) }
      case .new(let name): known.new.append((blob, name))
      }
    }
    return known
  }

  /// What the files of staged contents were when they were read, where that can be relied on.
  private func evidence(of staged: [StagedBlob], _ linked: [BlobName?]) -> [SourceEvidence] {
    zip(staged, linked).compactMap { blob, linked in
      blob.evidence.map { seen in
        SourceEvidence(evidence: seen, digest: blob.content.digest, linked: linked?.incarnation)
      }
    }
  }

  /// - Returns: the blobs of all contents, those that were there and those that were placed.
  private func settle(
    _ placed: [BlobName], _ known: KnownContents, _ evidence: [SourceEvidence]
  ) throws -> [Digest: BlobRecord] {
    let settled = try store.catalog.settle(
      placed, replacing: Set(known.damaged.map(\.name)), evidence: evidence, for: flight.record)
    var records = known.records
    for record in settled { records[record.name.digest] = record }
    return records
  }

  /// The blob whose own file the source is: the one that it was linked for now, or the one that the store had.
  private func ownBlob(
    of file: SeenFile, _ staged: StagedBlob, placed: BlobName?, _ kept: [Digest: BlobRecord]
  ) throws -> BlobName? {
    if let placed { return staged.isLinked ? placed : nil }
    guard let record = kept[staged.content.digest],
      try Recognition(store: store, base: [:]).isFile(of: record, file)
    else { return nil }
    return record.name
  }

  /// Names for contents that are in hand again while their blobs in the store are damaged: taking those for
  /// granted would let one damage hurt every later checkpoint (FLINK-27681).
  private func replacements(for damaged: [PlacedBlob]) throws -> [PlacedBlob] {
    guard !damaged.isEmpty else { return [] }
    let names = try store.catalog.reserveReplacements(
      damaged.map { NewBlob($0.staged) }, for: flight.record)
    return zip(damaged, names).map { ($0.staged, $1) }
  }

  // MARK: Finishing

  private static func ownPages(
    of files: [SeenFile], _ taken: [EntryPath: Taken]
  ) -> [PageDraft] {
    let entries = files.compactMap { file -> Entry? in
      switch file.kind {
      case .shared: nil
      case .own: Entry(path: file.path, kind: .own(content(of: file, taken)))
      case .directory: Entry(path: file.path, kind: .directory)
      }
    }
    return Pagination.pages(of: entries).map { .made($0, sources: nil) }
  }

  private static func sharedPages(
    of shared: SharedRuns, _ taken: [EntryPath: Taken]
  ) -> [PageDraft] {
    shared.map { files, kept in
      if let kept { return .kept(kept) }
      let entries = files.map { Entry(path: $0.path, kind: .shared(content(of: $0, taken))) }
      let areBlobs = files.allSatisfy { taken[$0.path]?.isBlob == true }
      return .made(
        Page(entries: entries), sources: areBlobs ? BasePages.sources(of: files) : nil)
    }
  }

  private static func content(of file: SeenFile, _ taken: [EntryPath: Taken]) -> Content {
    guard let content = taken[file.path]?.content else {
      preconditionFailure("every file's content was found or taken in")
    }
    return content
  }
}
