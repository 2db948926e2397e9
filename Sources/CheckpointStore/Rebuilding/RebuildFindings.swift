// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// What lies in a store beside its catalog, as far as it could be read.
struct RebuildFindings {
  /// A file among the manifests that says nothing, and why.
  struct Unusable {
    let path: FilePath
    let history: HistoryID
    let flaw: RecordFlaw

    /// Of the checkpoint whose manifest it was.
    var number: CheckpointNumber? {
      path.lastComponent.flatMap { CheckpointNumber(directoryName: $0.string) }
    }
  }

  /// Every name of a history that was read, of those too that have no checkpoint.
  private(set) var named: [HistoryManifest] = []
  /// The histories that have a checkpoint: the name of one alone is what a crash left of a first commit.
  private(set) var histories: [HistoryManifest] = []
  /// Those of them that have another name than their files say, with the name in that.
  private(set) var renamedHistories: [(old: HistoryName, new: HistoryManifest)] = []
  /// By id; no two have the same.
  private(set) var checkpoints: [Manifest] = []
  /// Those of checkpoints that have a manifest, by id; no two have the same.
  private(set) var tags: [TagRecord] = []
  /// The others: as a checkpoint's manifest comes before its tags and goes after them, one was lost.
  private(set) var tagsOnNothing: [TagRecord] = []
  /// What has another id than its file says, or leads to one that has: the file is to be written anew.
  private(set) var renumbered: Set<CheckpointID> = []
  private(set) var renumberedTags: Set<TagID> = []
  private(set) var unusable: [Unusable] = []
  /// The files with each content, the newest last.
  private(set) var files: [Digest: [BlobName]] = [:]
  /// What repairs had moved out of the way, the newest last.
  private(set) var quarantined: [Digest: [BlobName]] = [:]
  private(set) var lastIncarnation = Incarnation(rawValue: 0)
  private(set) var problems: [Problem] = []

  /// Whatever is added to one below it fits.
  private static let incarnationLimit = Incarnation(rawValue: 1 << 62)

  /// - Throws: code `refused` when a blob's name leaves no numbers for new ones.
  init(in layout: StoreLayout, of store: StoreID, _ blobs: LocalBlobStore) throws {
    try readManifests(layout, store)
    tellUnusable(layout)
    chooseHistories()
    try listBlobs(blobs, layout)
  }

  /// The greatest ids that anything has, be it left out.
  private(set) var lastHistory = HistoryID(rawValue: 0)
  private(set) var lastTag = TagID(rawValue: 0)
  var lastCheckpoint: CheckpointID {
    checkpoints.last?.checkpoint.id ?? CheckpointID(rawValue: 0)
  }

  /// Every blob's file, be it in quarantine.
  var allFiles: [BlobName] { Array(files.values.joined()) + quarantined.values.joined() }

  // MARK: Manifests

  private mutating func readManifests(_ layout: StoreLayout, _ store: StoreID) throws {
    guard try FileSystemCalls.exists(layout.manifests) else {
      throw StoreError(
        .damaged,
        "'\(layout.manifests)' is missing, so there is nothing to make a catalog from; put it back, say from a backup or "
          + "lost+found: while there is a catalog, 'ckptfs fsck --repair' writes the manifests anew"
      )
    }
    var readTags: [TagRecord] = []
    for directory in try DirectoryListing.names(in: layout.manifests) {
      let path = layout.manifests.appending(bytes: directory)
      guard let history = StoreLayout.history(ofDirectory: directory),
        try FileStatus(at: path).kind == .directory
      else {
        problems.append(Problem(noHistory: layout.relativeName(of: path)))
        continue
      }
      lastHistory = max(lastHistory, history)
      for name in try DirectoryListing.names(in: path) {
        try read(path.appending(bytes: name), of: history, store, &readTags)
      }
    }
    giveOwnIDs()
    tell(of: readTags)
  }

  /// Reads one file; what is not what its name says is a problem, and no more than that.
  ///
  /// - Throws: where who makes the catalog anew may not read it: then somebody else can.
  private mutating func read(
    _ path: FilePath, of history: HistoryID, _ store: StoreID, _ readTags: inout [TagRecord]
  ) throws {
    switch try ManifestFile(path, of: history, in: store) {
    case .history(let manifest): named.append(manifest)
    case .tag(let manifest): readTags.append(manifest.tag)
    case .checkpoint(let manifest): checkpoints.append(manifest)
    case .unusable(.unread(let error)) where error.concernsCaller: throw error
    case .unusable(let flaw):
      unusable.append(Unusable(path: path, history: history, flaw: flaw))
    }
  }

  /// Gives another id to checkpoints that have that of another, which only an older catalog gives, or one of a copy of the store.
  ///
  /// What completed first keeps it.
  private mutating func giveOwnIDs() {
    checkpoints.sort {
      ($0.checkpoint.id, $0.checkpoint.completed) < ($1.checkpoint.id, $1.checkpoint.completed)
    }
    var last = lastCheckpoint.rawValue
    var given: Set<CheckpointID> = []
    for index in checkpoints.indices {
      let manifest = checkpoints[index]
      if given.insert(manifest.checkpoint.id).inserted { continue }
      last += 1
      let new = CheckpointID(rawValue: last)
      checkpoints[index] = Manifest(
        store: manifest.store, checkpoint: manifest.checkpoint.identified(by: new),
        pages: manifest.pages)
      renumbered.insert(new)
    }
    checkpoints.sort { $0.checkpoint.id < $1.checkpoint.id }
  }

  /// Tells tags by what their names say, the history and the number: an id in one may be that of another checkpoint, where the
  /// rebuild that was to write it anew was killed.
  private mutating func tell(of readTags: [TagRecord]) {
    var ids: [HistoryID: [CheckpointNumber: CheckpointID]] = [:]
    for checkpoint in checkpoints.map(\.checkpoint) {
      ids[checkpoint.history, default: [:]][checkpoint.number] = checkpoint.id
    }
    var last = readTags.map(\.id.rawValue).max() ?? 0
    defer { lastTag = TagID(rawValue: last) }
    var given: Set<TagID> = []
    for tag in readTags.sorted(by: { ($0.id, $0.created) < ($1.id, $1.created) }) {
      guard let checkpoint = ids[tag.history]?[tag.number] else {
        tagsOnNothing.append(tag)
        continue
      }
      var id = tag.id
      if !given.insert(id).inserted {
        last += 1
        id = TagID(rawValue: last)
      }
      let told = TagRecord(
        id: id, name: tag.name, history: tag.history, checkpoint: checkpoint, number: tag.number,
        created: tag.created)
      if told != tag { renumberedTags.insert(id) }
      tags.append(told)
    }
    tags.sort { $0.id < $1.id }
  }

  /// Tells what could not be used, when the names of all histories are known.
  private mutating func tellUnusable(_ layout: StoreLayout) {
    let names = Dictionary(
      named.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    problems += unusable.map {
      Problem(
        unusable: layout.relativeName(of: $0.path), of: $0.history, named: names[$0.history],
        flaw: $0.flaw)
    }
    // Of a manifest that cannot be used it is told already.
    problems += tagsOnNothing.filter { tag in
      !unusable.contains { $0.history == tag.history && $0.number == tag.number }
    }.map { Problem(tagOnNothing: $0, of: names[$0.history]) }
  }

  /// Of two histories with one name, as where the name of one was lost, and put back when another had it, that keeps it which was
  /// committed to last.
  private mutating func chooseHistories() {
    var last: [HistoryID: Timestamp] = [:]
    for checkpoint in checkpoints.map(\.checkpoint) {
      last[checkpoint.history] = max(
        last[checkpoint.history] ?? checkpoint.completed, checkpoint.completed)
    }
    let chosen = named.compactMap { history in last[history.id].map { (history: history, last: $0) }
    }
    var names = Set(chosen.map(\.history.name))
    var given: Set<HistoryName> = []
    for (history, _) in chosen.sorted(by: { ($0.last, $0.history.id) > ($1.last, $1.history.id) }) {
      if given.insert(history.name).inserted {
        histories.append(history)
      } else {
        let name = Self.freeName(for: history, besides: names)
        names.insert(name)
        let renamed = HistoryManifest(store: history.store, id: history.id, name: name)
        histories.append(renamed)
        renamedHistories.append((history.name, renamed))
      }
    }
    histories.sort { $0.id < $1.id }
  }

  private static func freeName(
    for history: HistoryManifest, besides names: Set<HistoryName>
  ) -> HistoryName {
    // With room for what follows; names are of ASCII.
    let start = "\(history.name.rawValue.prefix(80))-\(history.id.rawValue)"
    var (end, attempt) = ("", 1)
    while true {
      if let name = try? HistoryName(start + end), !names.contains(name) { return name }
      attempt += 1
      end = "-\(attempt)"
    }
  }

  // MARK: Blobs

  private mutating func listBlobs(_ blobs: LocalBlobStore, _ layout: StoreLayout) throws {
    try blobs.forEachName { name in
      files[name.digest, default: []].append(name)
      lastIncarnation = max(lastIncarnation, name.incarnation)
    }
    for name in try blobs.quarantined() {
      quarantined[name.digest, default: []].append(name)
      lastIncarnation = max(lastIncarnation, name.incarnation)
    }
    guard lastIncarnation < Self.incarnationLimit else {
      throw StoreError(
        .refused,
        "the name of a file in '\(layout.root)/blobs' ends in \(lastIncarnation.rawValue), which no "
          + "store comes to and which leaves no numbers for new ones; move it out of the store and rebuild again"
      )
    }
    files = files.mapValues(Self.sorted)
    quarantined = quarantined.mapValues(Self.sorted)
  }

  private static func sorted(_ names: [BlobName]) -> [BlobName] {
    names.sorted { $0.incarnation < $1.incarnation }
  }
}
