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
  let base: BasePages
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
      store: store, flight: flight, policy: policy, linking: linking, width: width,
      cancellation: Cancellation())
    return try translating { try ingest.run(SeenFile.looking(at: files), progress: progress) }
  }

  /// As ``ingest(_:policy:linking:width:progress:)``, of files that were looked at before.
  ///
  /// - Parameter cancellation: once asked for, nothing more is read, and this throws.
  package borrowing func ingest(
    _ files: [SeenFile], policy: IngestPolicy, linking: Bool, width: Int = 4,
    cancellation: Cancellation = Cancellation(), progress: ProgressHandler?
  ) throws(StoreError) -> IngestedEntries {
    let ingest = Ingest(
      store: store, flight: flight, policy: policy, linking: linking, width: width,
      cancellation: cancellation)
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
    let staged = try concurrently(files, width: width) { file in
      try file.blamingSource {
        try store.blobs.stage(
          file.source.location, mode: mode(of: file), in: flight.area
        ) { count throws(CancellationError) in
          try cancellation.check()
          counter.add(count)
        }
      }
    }
    var distinct: [Digest: StagedBlob] = [:]
    for blob in staged where distinct[blob.content.digest] == nil {
      distinct[blob.content.digest] = blob
    }
    let blobs = Array(distinct.values)
    let reservations = try store.catalog.reserve(
      blobs.map(NewBlob.init), kind: .content,
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
    let newBytes = toPlace.lazy.map { Int64(clamping: $0.staged.content.size) }.sum()
    toPlace += try replacements(for: damaged.map(\.staged))
    try store.blobs.place(toPlace)
    let names = Dictionary(
      uniqueKeysWithValues: toPlace.map { (ObjectIdentifier($0.staged), $0.name) })
    let linked = try zip(files, staged).map { file, blob in
      try ownBlob(of: file, blob, placed: names[ObjectIdentifier(blob)], records)
    }
    let evidence = zip(staged, linked).compactMap { blob, linked in
      blob.evidence.map { seen in
        SourceEvidence(evidence: seen, digest: blob.content.digest, linked: linked?.incarnation)
      }
    }
    let settled = try store.catalog.settle(
      toPlace.map(\.name), replacing: Set(damaged.map(\.name)), evidence: evidence,
      for: flight.record)
    for record in settled { records[record.name.digest] = record }
    for ((file, blob), linked) in zip(zip(files, staged), linked) {
      guard let record = records[blob.content.digest] else {
        preconditionFailure("every staged content was kept or placed")
      }
      taken[file.path] = Taken(
        content: content(of: file, record),
        isBlob: blob.evidence != nil && linked == record.name)
    }
    return (Int64(staged.count { new.contains($0.content.digest) }), newBytes)
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
  private func replacements(
    for blobs: [StagedBlob]
  ) throws -> [(staged: StagedBlob, name: BlobName)] {
    guard !blobs.isEmpty else { return [] }
    let names = try store.catalog.reserveReplacements(
      blobs.map(NewBlob.init), for: flight.record)
    return Array(zip(blobs, names))
  }

  private func mode(of file: SeenFile) -> IngestMode {
    policy.mode(of: file, linking: linking)
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
