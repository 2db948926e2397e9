// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The thread on which a file system follows what changes beneath it, and notifies.
final class FollowingThread: Sendable {
  private let fileSystem: any FileSystem
  private let notifier: Notifier

  /// Runs `body` beside the thread, which has ended on return.
  static func run<Result>(
    for fileSystem: any FileSystem, _ notifier: Notifier, _ body: () -> Result
  ) -> Result {
    let following = FollowingThread(fileSystem, notifier)
    var thread = pthread_t()
    let context = unsafe Unmanaged.passUnretained(following).toOpaque()
    let code = unsafe pthread_create(&thread, nil, main, context)
    precondition(code == 0, "no memory for a thread")
    defer {
      fileSystem.endFollowing()
      pthread_join(thread, nil)
    }
    return body()
  }

  private init(_ fileSystem: any FileSystem, _ notifier: Notifier) {
    self.fileSystem = fileSystem
    self.notifier = notifier
  }

  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    context in
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<FollowingThread>.fromOpaque(context)._withUnsafeGuaranteedRef {
      $0.fileSystem.follow($0.notifier)
    }
    return nil
  }
}
