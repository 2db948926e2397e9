// SPDX-License-Identifier: Apache-2.0

import LinuxFiles

/// This process's hold on a store: shared to use it, exclusive to replace its catalog.
final class StoreUse: Sendable {
  private let lock: FileLock

  private init(_ lock: consuming FileLock) {
    self.lock = lock
  }

  /// - Throws: code `busy` when somebody else's hold excludes it.
  static func take(
    _ mode: FileLock.Mode, _ layout: StoreLayout
  ) throws(StoreError) -> StoreUse {
    do {
      if let lock = try FileLock(mode, path: layout.storeLock) { return StoreUse(lock) }
    } catch {
      throw StoreError(error)
    }
    throw StoreError(
      .busy,
      mode == .shared
        ? "the catalog of '\(layout.root)' is being rebuilt; wait until that is done"
        : "the store '\(layout.root)' is in use; let running commands end first")
  }
}
