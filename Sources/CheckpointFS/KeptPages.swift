// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Synchronization

/// Which files the pages are from that the kernel keeps of inodes which this process serves.
///
/// A content may come to lie in another file: one that rotted is replaced by the next commit that has it. Then pages of
/// the first must not be shown. Callable from any number of threads.
final class KeptPages: Sendable {
  private struct State {
    var files: [Inode: Incarnation] = [:]
    /// Whether some were forgotten, of which the kernel may keep pages.
    var isIncomplete = false
  }

  private static let capacity = 1 << 16

  private let state = Mutex(State())

  /// Notes that `inode` is opened, and that `file` will serve it.
  ///
  /// - Returns: whether the pages that the kernel may have of it are from the same file.
  func areFrom(_ file: OpenFile, of inode: Inode) -> Bool {
    guard let incarnation = file.incarnation else { return true }
    return state.withLock { state in
      if let known = state.files[inode] {
        if known != incarnation { state.files[inode] = incarnation }
        return known == incarnation
      }
      if state.files.count == Self.capacity {
        state.files.removeAll(keepingCapacity: true)
        state.isIncomplete = true
      }
      state.files[inode] = incarnation
      return !state.isIncomplete
    }
  }
}
