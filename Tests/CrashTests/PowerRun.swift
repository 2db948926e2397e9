// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A run of `CrashRunner power`, in mounts of its own: a file system that somebody else's namespace holds is not taken
/// away.
enum PowerRun {
  /// Waits on a thread of its own, since those that run tests are few.
  static func of(_ arguments: String...) async throws -> (status: Int32, said: String) {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result { try HarnessProgram.run(["power"] + arguments, inOwnMounts: true) })
      }
    }
  }
}
