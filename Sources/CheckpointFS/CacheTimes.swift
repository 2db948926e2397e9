// SPDX-License-Identifier: Apache-2.0

/// For how long the kernel may answer from its own memory, without any notification.
///
/// Long where an answer can never become wrong. Short where the next completed or dropped
/// checkpoint may change it: then the change shows within a second, also with the delays of a busy
/// machine.
package enum CacheTimes {
  package static let unchanging: Duration = .seconds(3600)
  package static let changing: Duration = .milliseconds(400)

  /// Of a name found in `directory`, and of one not found.
  ///
  /// The name of a checkpoint itself is short-lived, so dropping it hides all names below it.
  package static func names(in directory: Inode) -> Duration {
    switch directory {
    case .checkpoint, .entry: unchanging
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .shared: changing
    case .control: .zero
    }
  }

  /// Of a node's attributes. Those of a shared file change with any checkpoint: its link count.
  package static func attributes(of inode: Inode) -> Duration {
    switch inode {
    case .checkpoint, .entry: unchanging
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .shared: changing
    case .control: .zero
    }
  }
}
