// SPDX-License-Identifier: Apache-2.0

/// State of an operator that is kept by key.
package indirect enum KeyedStateHandle: Hashable, Sendable {
  case keyGroups(KeyGroupsState)
  case incremental(IncrementalState)
  case changelog(ChangelogState)
  /// Changes in `_metadata` itself.
  case changelogInMemory(InlineChanges)
  case changelogFiles(ChangeFiles)

  package var keyGroups: KeyGroupRange {
    switch self {
    case .keyGroups(let state): state.keyGroups
    case .incremental(let state): state.keyGroups
    case .changelog(let state): state.keyGroups
    case .changelogInMemory(let changes): changes.keyGroups
    case .changelogFiles(let files): files.keyGroups
    }
  }
}
