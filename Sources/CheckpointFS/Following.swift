// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The ``ChangeFollower`` of a mount, once it has one.
final class Following: Sendable {
  private let stored = Mutex<ChangeFollower?>(nil)

  var follower: ChangeFollower? { stored.withLock { $0 } }

  func begin(_ follower: ChangeFollower?) { stored.withLock { $0 = follower } }

  /// Whether the kernel will be told of what changes.
  var isActive: Bool { follower?.isFollowing == true }
}
