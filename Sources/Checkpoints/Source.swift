// SPDX-License-Identifier: Apache-2.0

/// Anything a mount can show: named histories of completed, immutable checkpoints.
///
/// A missing thing is `nil` or an empty listing, never an error. Every method may be called from any
/// number of threads, answers from the newest committed state, and keeps nothing open between
/// calls. Listings are read in portions, so that no caller needs memory for all of a store.
public protocol Source: Sendable {
  /// A short name for `mount` and `df`, e.g. the path of the store.
  var name: String { get }
  /// What the digests in its records tell.
  var contentNaming: ContentNaming { get }

  /// Histories with an id greater than `id`, by id, at most `limit`. A history appears when its first
  /// checkpoint completes.
  func histories(after id: HistoryID?, limit: Int) throws(SourceError) -> [HistoryRecord]
  func history(named name: HistoryName) throws(SourceError) -> HistoryRecord?
  func history(_ id: HistoryID) throws(SourceError) -> HistoryRecord?

  /// Completed checkpoints with a number greater than `number`, by number, at most `limit`.
  func checkpoints(
    of history: HistoryID, after number: CheckpointNumber?, limit: Int
  ) throws(SourceError) -> [CheckpointRecord]
  func checkpoint(
    _ number: CheckpointNumber, of history: HistoryID
  ) throws(SourceError) -> CheckpointRecord?
  func checkpoint(_ id: CheckpointID) throws(SourceError) -> CheckpointRecord?
  /// The completed checkpoint with the greatest number.
  func latestCheckpoint(of history: HistoryID) throws(SourceError) -> CheckpointRecord?

  /// Tags with an id greater than `id`, by id, at most `limit`.
  func tags(
    of history: HistoryID, after id: TagID?, limit: Int
  ) throws(SourceError) -> [TagRecord]
  func tag(named name: TagName, of history: HistoryID) throws(SourceError) -> TagRecord?
  func tag(_ id: TagID) throws(SourceError) -> TagRecord?

  /// The entries directly in `directory` (`nil`: the top) with an ordinal of at least `ordinal`, by
  /// ordinal, at most `limit`. Empty when the checkpoint was dropped.
  func entries(
    of checkpoint: CheckpointID, in directory: EntryPath?, from ordinal: Int, limit: Int
  ) throws(SourceError) -> [EntryRecord]
  func entry(
    at path: EntryPath, of checkpoint: CheckpointID
  ) throws(SourceError) -> EntryRecord?
  func entry(_ ordinal: Int, of checkpoint: CheckpointID) throws(SourceError) -> EntryRecord?

  /// The content behind a shared inode, while any completed checkpoint refers to it.
  func sharedFile(_ inode: SharedInode) throws(SourceError) -> SharedFileRecord?

  /// Opens a content for reading, after checking presence, type, size and time against the record.
  ///
  /// - Returns: `nil` when no completed checkpoint refers to it any more.
  /// - Throws: ``SourceError`` with code `damaged` when a check fails; the message names the blob and
  ///   the checkpoints that need it (promise P9).
  func open(_ digest: Digest) throws(SourceError) -> OpenFile?

  /// Any file that lies where contents do, for asking what can be done with them; `nil` where contents are in no files.
  func sampleFile() throws(SourceError) -> OpenFile?

  func capacity() throws(SourceError) -> Capacity

  /// What it can tell beside its checkpoints.
  var reports: [SourceReport] { get }
  /// A report as it is now, in lines.
  ///
  /// - Precondition: it is one of ``reports``.
  func text(of report: SourceReport) throws(SourceError) -> [UInt8]

  /// How much there is; `nil` where that would take reading everything.
  func statistics() throws(SourceError) -> StoreStatistics?

  /// How long ago its contents were read and compared with their digests; `nil` where nobody notes that.
  func readingAge() throws(SourceError) -> ReadingAge?

  /// Watches for changes from now on; `nil` where the source cannot tell of them.
  func watch() throws(SourceError) -> (any SourceWatch)?
}

/// What holds for sources that are stores, and for those that cannot tell.
extension Source {
  public var contentNaming: ContentNaming { .content }
  public var reports: [SourceReport] { [] }

  public func text(of report: SourceReport) throws(SourceError) -> [UInt8] {
    preconditionFailure("a source is asked only for reports that it has")
  }

  public func sampleFile() throws(SourceError) -> OpenFile? { nil }

  public func statistics() throws(SourceError) -> StoreStatistics? { nil }

  public func readingAge() throws(SourceError) -> ReadingAge? { nil }

  public func watch() throws(SourceError) -> (any SourceWatch)? { nil }
}
