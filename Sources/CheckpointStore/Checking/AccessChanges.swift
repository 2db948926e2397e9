// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// What a check found of other owners and modes: `chown -R` on a store, or on what is linked to it, changes thousands of files in
/// one way, of which one notice tells.
struct AccessChanges {
  private struct Files {
    var paths: [String] = []
    var users: Set<CheckpointReference> = []
  }

  private var files: [AccessChange: Files] = [:]
  /// As they were met.
  private var kinds: [AccessChange] = []

  mutating func add(_ change: AccessChange, at path: String, neededBy users: [CheckpointReference])
  {
    if files[change] == nil { kinds.append(change) }
    files[change, default: Files()].paths.append(path)
    files[change]?.users.formUnion(users)
  }

  /// - Parameter owner: who owns the store.
  func notices(owner: Ownership) -> [Notice] {
    kinds.map { change in
      let found = files[change] ?? Files()
      return change.notice(
        paths: found.paths, checkpoints: found.users.sorted(by: Self.precedes), owner: owner)
    }
  }

  private static func precedes(_ one: CheckpointReference, _ other: CheckpointReference) -> Bool {
    (one.history.rawValue, one.number.rawValue) < (other.history.rawValue, other.number.rawValue)
  }
}
