// SPDX-License-Identifier: Apache-2.0

/// For how long the kernel may answer from its own memory, without any notification.
///
/// Long where an answer can never become wrong, or the kernel is told when it does.
package struct CacheTimes: Hashable, Sendable {
  /// Of names that come and go, and of the link counts that change with them.
  private let names: Duration
  /// Of directories and links that show what comes and goes.
  private let nodes: Duration

  /// The kernel is told of changes (``ChangeFollower``), and then looks up each name again.
  package static let followed = CacheTimes(names: unchanging, nodes: unchanging)
  /// It is told which nodes have changed. Names and link counts it asks for again: to have all names looked up anew makes
  /// it let go of files that nobody has open, and of their pages.
  package static let followedByNode = CacheTimes(names: short, nodes: unchanging)
  /// It is told nothing.
  package static let expiring = CacheTimes(names: short, nodes: short)

  package static let unchanging: Duration = .seconds(3600)
  /// So that a change shows within a second, also with the delays of a busy machine.
  private static let short: Duration = .milliseconds(400)

  /// Of a name found in `directory`, and of one not found.
  ///
  /// The name of a checkpoint itself may go, so dropping it hides all names below it.
  package func names(in directory: Inode) -> Duration {
    switch directory {
    case .checkpoint, .entry: Self.unchanging
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .shared: names
    case .control: .zero
    }
  }

  /// Of a node's attributes. Those of a shared file change with any checkpoint: its link count.
  ///
  /// Those of the root are asked for again on the way to any path, so that a mount whose process died fails soon instead
  /// of showing what the kernel remembers of it.
  package func attributes(of inode: Inode) -> Duration {
    switch inode {
    case .root: Self.short
    case .checkpoint, .entry: Self.unchanging
    case .shared: names
    case .history, .latest, .tags, .byTime, .tag, .time: nodes
    case .control: .zero
    }
  }
}
