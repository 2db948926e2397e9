// SPDX-License-Identifier: Apache-2.0

/// A report that only some sources have; a mount shows it in `.ckptfs`.
public enum SourceReport: String, CaseIterable, Sendable {
  /// Files of the source that none of its checkpoints uses.
  case unreferenced
  /// Files that checkpoints use and that are not as they recorded them.
  case missing
}
