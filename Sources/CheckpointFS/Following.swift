// SPDX-License-Identifier: Apache-2.0

internal import Fuse
internal import Synchronization

/// The ``ChangeFollower`` of a mount, once it has one, and how it tells the kernel.
final class Following: Sendable {
  private let stored = Mutex<ChangeFollower?>(nil)
  private let expiresNames = Atomic(false)

  var follower: ChangeFollower? { stored.withLock { $0 } }

  func begin(_ follower: ChangeFollower?) { stored.withLock { $0 = follower } }

  /// Has all names expire in one message at each change, as the kernel can.
  ///
  /// To be called before any request is served: what was answered for a short time is forgotten, not the opposite.
  func beginExpiringNames() { expiresNames.store(true, ordering: .releasing) }

  /// Whether the kernel will be told of what changes.
  var isActive: Bool { follower?.isFollowing == true }

  /// For how long answers hold now.
  var times: CacheTimes {
    guard isActive else { return .expiring }
    return expiresNames.load(ordering: .acquiring) ? .followed : .followedByNode
  }

  /// Tells the kernel of changes until the follower's end.
  func run(_ notifier: Notifier, changed: () -> Void, openFiles: () -> [Inode]) {
    follower?.run(
      notifier, expiringNames: expiresNames.load(ordering: .acquiring), changed: changed,
      openFiles: openFiles)
  }
}
