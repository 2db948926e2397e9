// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Synchronization

/// What inodes stand for, for who opens them again and again, until the source changes.
///
/// Callable from any number of threads.
final class KnownFiles: Sendable {
  struct File {
    let digest: Digest
    let attributes: NodeAttributes
  }

  private struct State {
    var files: [Inode: File] = [:]
    /// How often all was forgotten.
    var generation = 0
  }

  private static let capacity = 4096

  private let state = Mutex(State())

  /// The file of `inode`, which `find` looks for in the source when it is not known.
  func file(
    of inode: Inode, find: () throws(TreeError) -> File
  ) throws(TreeError) -> File {
    let (known, generation) = state.withLock { ($0.files[inode], $0.generation) }
    if let known { return known }
    let file = try find()
    state.withLock { state in
      // What was found before a change may be wrong after it.
      guard state.generation == generation else { return }
      if state.files.count == Self.capacity { state.files.removeAll(keepingCapacity: true) }
      state.files[inode] = file
    }
    return file
  }

  func forget() {
    state.withLock { state in
      state.files.removeAll()
      state.generation += 1
    }
  }
}
