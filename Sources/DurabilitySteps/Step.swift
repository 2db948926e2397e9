// SPDX-License-Identifier: Apache-2.0

/// A point on which durability or safety hangs: a sync, a rename, a transaction, a pin.
///
/// The crash harness kills a process before and after each, and leaves out one at a time to show that it
/// would notice.
public enum Step: String, CaseIterable, Sendable {
  case createCatalog = "create-catalog"
  case syncCatalog = "sync-catalog"
  case syncMarker = "sync-marker"
  case placeMarker = "place-marker"
  case syncStoreDirectory = "sync-store-directory"
  case syncStagedFile = "sync-staged-file"
  case placeBlob = "place-blob"
  case syncBlobDirectory = "sync-blob-directory"
  case unlinkBlob = "unlink-blob"
  case writeManifest = "write-manifest"
  case syncManifest = "sync-manifest"
  case placeManifest = "place-manifest"
  case removeManifest = "remove-manifest"
  case syncManifestDirectory = "sync-manifest-directory"
  case beginTransaction = "begin-transaction"
  case reserveTransaction = "reserve-transaction"
  case pinBlob = "pin-blob"
  case leaseBase = "lease-base"
  case settleTransaction = "settle-transaction"
  case fencePending = "fence-pending"
  case completeTransaction = "complete-transaction"
  case recordOutbox = "record-outbox"
  case outboxTransaction = "outbox-transaction"
  case replayOutbox = "replay-outbox"
  case recover = "recover"
  case dropTransaction = "drop-transaction"
  case tagTransaction = "tag-transaction"
  case renameTransaction = "rename-transaction"
  case abortTransaction = "abort-transaction"
  case collectTransaction = "collect-transaction"
  case leaseTransaction = "lease-transaction"
  case recheckSource = "recheck-source"
  case checkLiveness = "check-liveness"
  case syncRestoredFile = "sync-restored-file"
  case syncRestoredDirectory = "sync-restored-directory"
  case placeRestored = "place-restored"
}
