// SPDX-License-Identifier: Apache-2.0

/// How far a snapshot is, and who waits for its end. Decides between cancelling and completing.
struct SnapshotLife {
  enum Stage: Equatable {
    case taken
    case materializing
    /// Too late to cancel.
    case completing
    /// Cancelled before it was materialised; what is local is being removed.
    case discarding
    case ended(isCompleted: Bool)
  }

  enum Cancelling {
    /// The caller is to discard what is local, and to say when that is done.
    case discard
    /// Somebody else is at work, and will say when it ends.
    case wait
    case ended(isCompleted: Bool)
  }

  private(set) var stage = Stage.taken
  private(set) var isCancelled = false
  private var wasMaterialized = false
  private var waiters: [CheckedContinuation<Bool, Never>] = []

  /// - Returns: `false` when it was cancelled before.
  mutating func beginMaterializing() -> Bool {
    precondition(!wasMaterialized, "a snapshot is materialised once")
    wasMaterialized = true
    guard stage == .taken else { return false }
    stage = .materializing
    return true
  }

  mutating func cancel() -> Cancelling {
    switch stage {
    case .taken:
      isCancelled = true
      stage = .discarding
      return .discard
    case .materializing:
      isCancelled = true
      return .wait
    case .completing, .discarding: return .wait
    case .ended(let isCompleted): return .ended(isCompleted: isCompleted)
    }
  }

  /// - Returns: `false` when it was cancelled: then it must not complete.
  mutating func beginCompleting() -> Bool {
    guard !isCancelled else { return false }
    stage = .completing
    return true
  }

  /// - Returns: who waited for it.
  mutating func end(isCompleted: Bool) -> [CheckedContinuation<Bool, Never>] {
    stage = .ended(isCompleted: isCompleted)
    defer { waiters = [] }
    return waiters
  }

  /// - Returns: `nil` when `waiter` was added and will be told, else whether it has completed.
  mutating func wait(_ waiter: CheckedContinuation<Bool, Never>) -> Bool? {
    if case .ended(let isCompleted) = stage { return isCompleted }
    waiters.append(waiter)
    return nil
  }
}
