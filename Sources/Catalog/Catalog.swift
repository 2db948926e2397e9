// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints

/// The transactional record of histories, checkpoints, entries, blobs and tags: the truth of a store.
///
/// Every method is one transaction: after it returned, its effect is durable and seen by all
/// processes; when it throws, nothing changed. All may be called from any thread. None touches a blob
/// or a manifest: what must happen to files is returned, or recorded in the outbox.
package protocol Catalog: Sendable {
  var store: StoreID { get }

  // MARK: Taking a checkpoint

  /// The number that `begin` would choose now.
  func nextNumber(of history: HistoryName) throws(CatalogError) -> CheckpointNumber

  /// How often it was changed: a catalog of the same store that counted less is an older one.
  func changes() throws(CatalogError) -> Int64

  /// The greatest ids that were given, whatever became of what has them.
  func lastIDs() throws(CatalogError) -> RebuiltIDs
  /// Whether a number is never given again, as it, or a greater one, was used; `nil` when there is no such history.
  func hasPassed(_ number: CheckpointNumber, in history: HistoryID) throws(CatalogError) -> Bool?
  /// Those of some numbers that no checkpoint of the history has, completed or dropped.
  func unknown(
    among numbers: [CheckpointNumber], of history: HistoryID
  ) throws(CatalogError) -> [CheckpointNumber]

  /// Records a pending checkpoint, and leases its base.
  ///
  /// - Parameter isAlive: whether an owner still holds its lock; a dead one's pending checkpoint of
  ///   the same number is given up.
  /// - Throws: code `busy` when the number is being taken, `refused` when it was used before.
  func begin(
    _ number: CheckpointNumber?, of history: HistoryName, owner: OwnerToken, now: Timestamp,
    isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) -> Beginning

  /// What is known of files that look like this.
  func knowledge(of evidence: [Evidence]) throws(CatalogError) -> [FileKnowledge]

  /// Pins contents for `pending`, and gives a name to those that are not in the store.
  ///
  /// - Parameter blobs: with distinct digests.
  func reserve(
    _ blobs: [NewBlob], kind: BlobKind, for pending: PendingRecord
  ) throws(CatalogError) -> [Reservation]

  /// Gives new names to contents whose blobs are in the store, but damaged.
  func reserveReplacements(
    _ blobs: [NewBlob], for pending: PendingRecord
  ) throws(CatalogError) -> [BlobName]

  /// Pins blobs that were found by evidence.
  ///
  /// - Returns: whether all are still there; those that are not must be taken in again.
  func pin(_ blobs: [BlobName], for pending: PendingRecord) throws(CatalogError) -> [Bool]

  /// Makes placed blobs available to all, and records what their sources looked like.
  ///
  /// Where another process was first with the same content, its blob is taken instead, unless it is one of the
  /// `damaged`: then all that refers to that one refers to the new one from now on, and its file is to be removed.
  /// - Returns: the record of each, in order.
  func settle(
    _ placed: [BlobName], replacing damaged: Set<BlobName>,
    evidence: [SourceEvidence], for pending: PendingRecord
  ) throws(CatalogError) -> [BlobRecord]

  /// The greatest time of completion in the history so far.
  func lastCompletion(in history: HistoryID) throws(CatalogError) -> Timestamp?

  /// Makes a pending checkpoint visible, counts its references, and releases its pins.
  ///
  /// - Throws: code `expired` when the pending checkpoint or one of its pins is gone, `overtaken` when another completed
  ///   later than the draft says it will.
  func complete(_ draft: CompletionDraft) throws(CatalogError)

  /// Gives a pending checkpoint up; one that is gone already is what was asked for.
  func abort(_ pending: PendingRecord) throws(CatalogError)

  // MARK: Checkpoints that several processes take

  /// Begins a checkpoint of several shards, which each may be committed by another process, and gives those up whose
  /// deadline has passed.
  ///
  /// - Throws: as `begin`; code `busy` also when the number is pending with other shards.
  func gather(
    _ request: GatheringRequest, now: Timestamp, at moment: BootTime,
    isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError) -> GatheringBeginning

  /// Makes a shard's pages part of the gathering, whatever becomes of who commits it; the last one completes the
  /// checkpoint in the same transaction.
  ///
  /// - Throws: code `expired` when it was given up or its deadline has passed, `exists` when the shard was committed
  ///   before, `refused` when the gathering was begun without it.
  func commitShard(
    _ draft: ShardDraft, now: Timestamp, at moment: BootTime
  ) throws(CatalogError) -> ShardOutcome

  /// All that are pending, also past their deadline, in the order in which they began.
  func gatherings() throws(CatalogError) -> [Gathering]
  func gathering(
    _ number: CheckpointNumber, of history: HistoryName
  ) throws(CatalogError) -> Gathering?
  /// What a shard has that was committed; empty when it was not.
  func pages(of shard: ShardName, in pending: PendingRecord) throws(CatalogError) -> [Page]
  /// Whether a number that neither is pending nor was completed was given to a checkpoint before.
  func wasGivenUp(_ number: CheckpointNumber, of history: HistoryName) throws(CatalogError) -> Bool

  /// Gives a pending checkpoint up, unless it is one process's that is alive.
  ///
  /// - Throws: code `busy` then, `noSuchCheckpoint` when it is not pending, `refused` when it is completed.
  func abort(
    _ number: CheckpointNumber, of history: HistoryName, isAlive: (OwnerToken) throws -> Bool
  ) throws(CatalogError)
  /// Gives up what is gathered past its deadline.
  func expire(at moment: BootTime) throws(CatalogError)
  /// The owners of what is gathered past its deadline: to be taken for dead.
  func expired(at moment: BootTime) throws(CatalogError) -> [OwnerToken]

  // MARK: Leases

  /// Keeps what a completed checkpoint refers to from collection, until released.
  ///
  /// - Throws: code `noSuchCheckpoint` when it is not there, or dropped.
  func lease(_ checkpoint: CheckpointID, owner: OwnerToken) throws(CatalogError)
  func release(_ owner: OwnerToken) throws(CatalogError)

  // MARK: Changing histories

  /// Makes checkpoints invisible and releases their references.
  ///
  /// - Throws: code `refused` for the latest of the history, and, without `force`, for a tagged one.
  func drop(
    _ checkpoints: [CheckpointRecord], force: Bool, now: Timestamp
  ) throws(CatalogError)
  /// Drops a checkpoint that nobody has confirmed, though it be the latest of its history.
  ///
  /// - Throws: code `refused` when it has no tag `unconfirmed-N`, or another one beside it; `noSuchCheckpoint` when it is not
  ///   there any more.
  func withdraw(_ checkpoint: CheckpointRecord, now: Timestamp) throws(CatalogError)
  /// Throws what `drop` of the same would throw, and changes nothing.
  func checkDroppable(_ checkpoints: [CheckpointRecord], force: Bool) throws(CatalogError)
  func tag(
    _ checkpoint: CheckpointRecord, as name: TagName, now: Timestamp
  ) throws(CatalogError) -> TagRecord
  func untag(
    _ name: TagName, of history: HistoryRecord, now: Timestamp
  ) throws(CatalogError)
  func rename(_ history: HistoryRecord, to name: HistoryName) throws(CatalogError)

  // MARK: Outbox

  func outbox() throws(CatalogError) -> [OutboxItem]
  func finish(_ items: [OutboxItem]) throws(CatalogError)

  // MARK: Collection

  /// The owners of everything in flight that lives by a lock, dead or alive.
  func owners() throws(CatalogError) -> [OwnerToken]
  /// Gives up what dead owners had in flight, takes out of the catalog what nothing refers to, and remembers
  /// the files as to be removed.
  ///
  /// - Parameters:
  ///   - last: where an earlier call came to (``CollectionResult/last``), so that none looks at all blobs again.
  ///   - limit: at most so many blobs, so that the transaction stays short.
  func collect(
    dead: [OwnerToken], after last: Incarnation?, limit: Int
  ) throws(CatalogError) -> CollectionResult
  /// What `collect` would take, all of it, with nothing changed.
  func collectable(dead: [OwnerToken]) throws(CatalogError) -> CollectionResult
  /// Files that collection is still to remove, at most `limit`, in the order of their incarnations.
  func removals(after last: Incarnation?, limit: Int) throws(CatalogError) -> [BlobName]
  func finish(removals: [BlobName]) throws(CatalogError)

  // MARK: Reading

  /// Something that tells of what is committed from now on.
  func makeMeter() throws(CatalogError) -> any CatalogMeter

  func histories(after id: HistoryID?, limit: Int) throws(CatalogError) -> [HistoryRecord]
  func history(named name: HistoryName) throws(CatalogError) -> HistoryRecord?
  func history(_ id: HistoryID) throws(CatalogError) -> HistoryRecord?
  func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(CatalogError) -> [CheckpointRecord]
  func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(CatalogError) -> CheckpointRecord?
  func checkpoint(_ id: CheckpointID) throws(CatalogError) -> CheckpointRecord?
  func latestCheckpoint(of history: HistoryID) throws(CatalogError) -> CheckpointRecord?
  func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(CatalogError) -> [TagRecord]
  func tag(named name: TagName, of history: HistoryID) throws(CatalogError) -> TagRecord?
  func tag(_ id: TagID) throws(CatalogError) -> TagRecord?

  func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(CatalogError) -> [EntryRecord]
  /// The entry at `path`, if there is one, with those beside it that cost nothing more to tell.
  func entries(
    near path: EntryPath, of checkpoint: CheckpointID
  ) throws(CatalogError) -> [EntryRecord]
  func entry(_ ordinal: Int, of checkpoint: CheckpointID) throws(CatalogError) -> EntryRecord?
  /// All entries of a checkpoint that is completed, or leased, by page; empty when it is neither.
  func pages(of checkpoint: CheckpointID) throws(CatalogError) -> [Page]
  /// Those pages without their entries, in the same order.
  func pageRecords(of checkpoint: CheckpointID) throws(CatalogError) -> [PageRecord]
  func page(_ record: PageRecord) throws(CatalogError) -> Page
  /// The text of a page, whatever became of its blob.
  func pageText(_ name: BlobName) throws(CatalogError) -> [UInt8]?

  /// The blob with this content that completed checkpoints, or something in flight, may use.
  func blob(_ digest: Digest) throws(CatalogError) -> BlobRecord?
  /// The same for many at once.
  func blobs(_ digests: [Digest]) throws(CatalogError) -> [BlobRecord?]
  func blob(_ inode: SharedInode) throws(CatalogError) -> BlobRecord?
  /// The number of entries of completed checkpoints that refer to the content.
  func references(to digest: Digest) throws(CatalogError) -> Int64
  /// The completed checkpoints that need each of these contents or pages, by name and number.
  ///
  /// For telling of damage: it looks at all checkpoints, once for all blobs.
  func checkpoints(needing blobs: [BlobName]) throws(CatalogError) -> [[CheckpointReference]]
  /// The bytes of contents that no other completed checkpoint refers to.
  func uniqueBytes(of checkpoint: CheckpointID) throws(CatalogError) -> Int64
  /// The same for all completed checkpoints in one pass over the catalog; 0 where absent.
  func uniqueBytes() throws(CatalogError) -> [CheckpointID: Int64]

  // MARK: Checking

  func statistics() throws(CatalogError) -> StoreStatistics
  /// Problems that the catalog has within itself, each on a line: broken structure, drifted counts.
  func inconsistencies() throws(CatalogError) -> [String]
  /// Blobs that are in the store, by incarnation.
  func storedBlobs(after last: Incarnation?, limit: Int) throws(CatalogError) -> [StoredBlob]
  /// Records whether the file of a content holds something else than its digest says. If so, nobody recognises a file as
  /// that content any more without reading it.
  func condemn(_ name: BlobName, _ isCondemned: Bool) throws(CatalogError)
  /// Whether the catalog knows of a blob's file in any way: stored, being placed, or to be removed.
  func isKnown(_ name: BlobName) throws(CatalogError) -> Bool
  /// Whether the blob is in the store for good, and not to be removed.
  func isStored(_ name: BlobName) throws(CatalogError) -> Bool

  // MARK: Reading all bytes

  /// Goes on with the pass that did not end, or begins one.
  ///
  /// - Parameter anew: begin one in any case.
  func beginReading(anew: Bool, now: Timestamp) throws(CatalogError) -> ReadingPass
  /// Records blobs whose bytes were read and found right.
  func noteRead(_ readings: [Reading], now: Timestamp) throws(CatalogError)
  /// Ends a pass: the next one reads all anew.
  func finishReading(_ pass: ReadingPass) throws(CatalogError)
  /// The bytes of the blobs in the store, and of those among them that were read in the pass: 0 for none.
  func readingTotals(_ pass: ReadingPass?) throws(CatalogError) -> (all: Int64, read: Int64)

  /// The bytes of contents that were never read since they came in, and of those that were not within a period before `now`; and
  /// when that was read which was not for the longest time.
  func readingAge(now: Timestamp) throws(CatalogError) -> ReadingAge
  /// When readings were last noted, and the bytes of what was noted then and is still there; `nil` where there is nothing of it.
  func lastReadings() throws(CatalogError) -> (time: Timestamp, bytes: Int64)?
  /// Blobs of which nothing bad is known, those first that were never read or not for the longest time.
  func leastRecentlyRead(limit: Int) throws(CatalogError) -> [StoredBlob]

  // MARK: Repairing

  /// Puts right what can be told from the pages: their texts by `pageText`, contents and counts, the lists of pages that checkpoints
  /// have by `pages`, and their totals.
  ///
  /// - Parameters:
  ///   - pageText: the text of a page as its blob's file has it, if it has it.
  ///   - pages: the digests that a checkpoint's manifest lists, if there is one.
  /// - Returns: what was put right, each on a line; empty, with nothing changed, when not all could be.
  func relink(
    pageText: (BlobName) -> [UInt8]?, pages: (CheckpointRecord) -> [Digest]?
  ) throws(CatalogError) -> [String]
  /// Gives a name to a content that is to take a damaged blob's place.
  ///
  /// Nothing pins it: collection may take it before it is settled.
  func reserveRepair(_ blob: NewBlob) throws(CatalogError) -> BlobName
  /// Lets all that refers to a damaged blob refer to a placed one with the same content.
  func settleRepair(
    _ placed: BlobName, replacing damaged: BlobName
  ) throws(CatalogError) -> RepairSettlement
}

extension Catalog {
  /// Calls `body` with every blob that is in the store, by incarnation.
  package func forEachBlob(_ body: (BlobRecord, BlobKind) throws -> Void) throws {
    var last: Incarnation?
    while true {
      // In portions: the caller may take its time, and no read transaction may.
      let portion = try storedBlobs(after: last, limit: 1000)
      guard let end = portion.last else { return }
      last = end.record.name.incarnation
      for blob in portion { try body(blob.record, blob.kind) }
    }
  }
}
