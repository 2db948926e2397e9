// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
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
    _ source: FilePath, mode: IngestMode, in area: StagingArea,
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
  func status(of name: BlobName) throws(BlobStoreError) -> BlobStatus?

  /// - Returns: the open file and what it looks like, or `nil` when it is not there.
  func open(_ name: BlobName) throws(BlobStoreError) -> (file: OpenFile, status: BlobStatus)?

  /// Gives a blob's file another name outside the store.
  ///
  /// - Returns: `false` where that cannot be.
  func link(_ name: BlobName, as target: FilePath) throws(BlobStoreError) -> Bool

  /// Writes a blob's content to a new file. Durable on return, but for its name.
  ///
  /// A copy is hashed as it is written, a reflink is not read.
  /// - Throws: code `corrupt` when what was copied is not what the digest says.
  func export(
    _ name: BlobName, to target: FilePath, mode: ExportMode, modified: Timestamp,
    owner: Ownership, progress: (Int) -> Void
  ) throws(BlobStoreError)

  /// What a blob's bytes hash to now.
  func digest(of name: BlobName, progress: (Int) -> Void) throws(BlobStoreError) -> Digest

  /// All bytes of a small blob.
  func contents(of name: BlobName, limit: Int) throws(BlobStoreError) -> [UInt8]

  /// Gives a blob's file its recorded time back, after its content was found right.
  func setModified(_ name: BlobName, to time: Timestamp) throws(BlobStoreError)

  /// Removes blobs; one that is not there is what was asked for. Durable on return.
  func remove(_ names: [BlobName]) throws(BlobStoreError)

  /// Calls `body` with the name of every blob there is, in no order.
  func forEachName(_ body: (BlobName) -> Void) throws(BlobStoreError)

  /// Removes staging areas whose owner is not alive.
  ///
  /// - Returns: how many there were, and their bytes.
  func removeStaging(
    unless isAlive: (OwnerToken) throws -> Bool
  ) throws -> (files: Int, bytes: UInt64)
}
