// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// This process's hold on a store: shared to use it, exclusive to replace its catalog.
final class StoreUse: Sendable {
  private let lock: FileLock

  /// For how long somebody must use a store until who wants it alone is told: a mount that looks for its lost catalog does so for
  /// moments, again and again.
  private static let patience: Duration = .seconds(10)

  private init(_ lock: consuming FileLock) {
    self.lock = lock
  }

  /// - Throws: code `busy` when somebody else's hold excludes it.
  static func take(
    _ mode: FileLock.Mode, _ layout: StoreLayout
  ) throws(StoreError) -> StoreUse {
    do throws(FileError) {
      switch mode {
      case .shared:
        if let lock = try FileLock(.shared, path: layout.storeLock) { return StoreUse(lock) }
      case .exclusive:
        return StoreUse(
          try FileLock.waiting(.exclusive, layout.storeLock, atMost: patience))
      }
    } catch {
      throw Self.refusal(error, layout)
    }
    throw StoreError(
      .busy, "the catalog of '\(layout.root)' is being rebuilt; wait until that is done")
  }

  private static func refusal(_ error: FileError, _ layout: StoreLayout) -> StoreError {
    switch error.errno {
    case .timedOut:
      StoreError(
        .busy, "the store '\(layout.root)' is in use; let running commands end first", cause: error)
    case .readOnlyFileSystem, .permissionDenied:
      StoreError(
        .io,
        "the store '\(layout.root)' cannot be written (\(error.errno)), which even reading it takes, for locks and "
          + "the catalog's log; make it writable, or use a copy of it made by 'cp -a'", cause: error
      )
    default: StoreError(error)
    }
  }
}
