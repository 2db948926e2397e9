// SPDX-License-Identifier: Apache-2.0

/// For how long the kernel may answer from its own memory, without any notification.
///
/// Long where an answer can never become wrong, or the kernel is told when it does.
package struct CacheTimes: Hashable, Sendable {
  /// What the next completed or dropped checkpoint may change.
  private let changing: Duration

  /// The kernel is told of changes (``ChangeFollower``).
  package static let followed = CacheTimes(changing: unchanging)
  /// It is not: what can change is soon asked for again, so that a change shows within a second, also
  /// with the delays of a busy machine.
  package static let expiring = CacheTimes(changing: .milliseconds(400))

  package static let unchanging: Duration = .seconds(3600)

  /// Of a name found in `directory`, and of one not found.
  ///
  /// The name of a checkpoint itself is changing, so dropping it hides all names below it.
  package func names(in directory: Inode) -> Duration {
    switch directory {
    case .checkpoint, .entry: Self.unchanging
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .shared: changing
    case .control: .zero
    }
  }

  /// Of a node's attributes. Those of a shared file change with any checkpoint: its link count.
  ///
  /// Those of the root are asked for again on the way to any path, so that a mount whose process died fails soon instead
  /// of showing what the kernel remembers of it.
  package func attributes(of inode: Inode) -> Duration {
    switch inode {
    case .root: Self.expiring.changing
    case .checkpoint, .entry: Self.unchanging
    case .history, .latest, .tags, .byTime, .tag, .time, .shared: changing
    case .control: .zero
    }
  }
}
