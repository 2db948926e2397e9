// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import LinuxFiles
package import SystemPackage

/// Immutable contents by digest and incarnation.
///
/// A content is staged (private to its owner, hashed), then placed under a name that the catalog gave,
/// and only then relied on. The store knows nothing of references: what may be removed is the
/// catalog's to say. Every method may be called from any thread.
package protocol BlobStore: Sendable {
  /// A place for an owner's contents that have no name yet. Left over by a dead owner, it is
  /// garbage that ``removeStaging(unless:)`` finds by `owner`.
  func makeStagingArea(owner: OwnerToken) throws(BlobStoreError) -> StagingArea

  /// Takes the content of a file in and hashes it, without making it durable.
  ///
  /// What is hashed is what is kept: a reflink is hashed, not its source; of a copy, the bytes that
  /// were written; of a hard link, the one inode.
  ///
  /// - Parameter progress: called with the number of bytes done since the last call; throwing, it ends this.
  /// - Throws: code `sourceChanged` when the file changed meanwhile, `notPossible` when `mode` asks for a way that the
  ///   file systems do not have.
  func stage(
    _ source: FileLocation, mode: IngestMode, in area: StagingArea,
    progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> StagedBlob

  /// Takes in a copy or reflink of what may be a lost content, as ``stage(_:mode:in:progress:)`` does, with another time.
  func stageCopy(
    of source: FilePath, modified: Timestamp, in area: StagingArea,
    progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> StagedBlob

  /// Takes bytes in and hashes them, without making them durable.
  func stage(_ content: [UInt8], in area: StagingArea) throws(BlobStoreError) -> StagedBlob

  /// Makes staged contents durable under names that were never used before.
  ///
  /// Durable on return: the contents and their names are synced.
  func place(_ blobs: [(staged: StagedBlob, name: BlobName)]) throws(BlobStoreError)

  /// Puts bytes in the place of a blob that has the same digest, but is damaged or missing. Durable on return.
  ///
  /// Whoever has the damaged file open keeps it.
  func replace(_ name: BlobName, by staged: StagedBlob) throws(BlobStoreError)

  /// - Returns: `nil` when it is not there.
  /// - Throws: code `unreadable`, as all that looks at a blob's file, when it is the file that fails.
  func status(of name: BlobName) throws(BlobStoreError) -> BlobStatus?

  /// - Returns: the open file and what it looks like, or `nil` when it is not there.
  func open(_ name: BlobName) throws(BlobStoreError) -> (file: OpenFile, status: BlobStatus)?

  /// Gives a blob's file another name outside the store.
  ///
  /// - Returns: `false` where that cannot be.
  func link(_ name: BlobName, as target: FileLocation) throws(BlobStoreError) -> Bool

  /// Makes `path` lead to a blob's file for a time, with nothing of the store changed.
  func refer(to name: BlobName, from path: FilePath) throws(BlobStoreError)

  /// Writes a blob's content to a new file. Durable on return, but for its name.
  ///
  /// What is written is hashed, unless a reflink is asked for by name.
  /// - Throws: code `corrupt` when that is not what the digest says, `unreadable` when it is the blob's file that fails.
  func export(
    _ name: BlobName, to target: FileLocation, mode: ExportMode, modified: Timestamp,
    owner: Ownership, progress: (Int) -> Void
  ) throws(BlobStoreError)

  /// What a blob's bytes hash to now.
  ///
  /// - Parameter progress: as of ``stage(_:mode:in:progress:)``.
  func digest(
    of name: BlobName, progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> Digest

  /// All bytes of a small blob.
  func contents(of name: BlobName, limit: Int) throws(BlobStoreError) -> [UInt8]

  /// Makes a blob's content durable.
  func sync(_ name: BlobName) throws(BlobStoreError)

  /// Gives a blob's file its recorded time back, after its content was found right.
  func setModified(_ name: BlobName, to time: Timestamp) throws(BlobStoreError)

  /// Moves a bad blob's file out of the way, to a place in the store where nobody reads it. Durable on return.
  ///
  /// - Returns: `false` when there is no file to move, or one of the same blob lies there already.
  func quarantine(_ name: BlobName) throws(BlobStoreError) -> Bool
  /// Puts a blob's file back whose bytes are right after all. Durable on return, with its content.
  func putBack(_ name: BlobName) throws(BlobStoreError)
  func isQuarantined(_ name: BlobName) throws(BlobStoreError) -> Bool
  /// As ``digest(of:progress:)``, of the file that was moved out of the way.
  func digest(
    ofQuarantined name: BlobName, progress: (Int) throws(CancellationError) -> Void
  ) throws(BlobStoreError) -> Digest
  /// The names of all blobs whose files were moved out of the way.
  func quarantined() throws(BlobStoreError) -> [BlobName]
  /// Removes what was moved out of the way. Durable on return.
  func removeQuarantined(_ names: [BlobName]) throws(BlobStoreError)

  /// Removes blobs, wherever they lie; one that is not there is what was asked for. Durable on return.
  func remove(_ names: [BlobName]) throws(BlobStoreError)

  /// The files that ``remove(_:)`` would remove. One that cannot be looked at can be removed all the same, and is not counted.
  func total(of names: [BlobName]) -> FileTotal
  /// Those that ``removeQuarantined(_:)`` would.
  func total(ofQuarantined names: [BlobName]) -> FileTotal

  /// Calls `body` with the name of every blob there is, in no order.
  func forEachName(_ body: (BlobName) -> Void) throws(BlobStoreError)

  /// Removes staging areas whose owner is not alive.
  ///
  /// - Returns: how many there were, and their bytes.
  func removeStaging(
    unless isAlive: (OwnerToken) throws -> Bool
  ) throws -> (files: Int, bytes: UInt64)
}
