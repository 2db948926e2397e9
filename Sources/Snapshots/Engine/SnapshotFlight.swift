// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// A snapshot from the moment it was taken until it has ended and nothing of it is left locally.
final class SnapshotFlight: Sendable {
  /// What the synchronous part came to.
  struct Taken: Sendable {
    let states: [StateDescriptor]
    let duration: Duration
    let flush: Duration
    let warnings: [String]
  }

  let number: CheckpointNumber
  let taken: Taken
  private let engine: SnapshotEngine
  private let cancellation = Cancellation()
  private let life = Mutex(SnapshotLife())

  init(_ number: CheckpointNumber, _ taken: Taken, _ engine: SnapshotEngine) {
    self.number = number
    self.taken = taken
    self.engine = engine
  }

  func materialize(
    _ progress: SnapshotProgressHandler?
  ) async throws(SnapshotError) -> SnapshotReport {
    guard life.withLock({ $0.beginMaterializing() }) else { throw cancelled }
    let result = await withTaskCancellationHandler {
      await engine.threads.run { self.run(progress) }
    } onCancel: {
      _ = requestCancel()
    }
    return try result.get()
  }

  /// - Returns: whether it has completed all the same.
  func cancel() async -> Bool {
    switch requestCancel() {
    case .discard:
      await engine.threads.run { self.discard() }
      return false
    case .wait:
      return await withCheckedContinuation { waiter in
        if let isCompleted = life.withLock({ $0.wait(waiter) }) {
          waiter.resume(returning: isCompleted)
        }
      }
    case .ended(let isCompleted): return isCompleted
    }
  }

  /// Nobody will materialise it any more; if nobody has begun to, it is given up.
  func abandon() {
    guard life.withLock({ $0.stage == .taken }), case .discard = requestCancel() else { return }
    discard()
  }

  private func requestCancel() -> SnapshotLife.Cancelling {
    // With the lock held, so that what is cancelled cannot begin to complete.
    life.withLock { life in
      let action = life.cancel()
      if life.isCancelled { cancellation.request() }
      return action
    }
  }

  private var cancelled: SnapshotError {
    SnapshotError(
      .cancelled, "\(engine.history)/\(number.directoryName) was cancelled; nothing of it is kept")
  }

  // MARK: On threads that may wait for disks

  private func run(
    _ progress: SnapshotProgressHandler?
  ) -> Result<SnapshotReport, SnapshotError> {
    let start = ContinuousClock.now
    let result = Result { () throws(SnapshotError) in
      try translating {
        try Materialization(
          engine: engine, number: number, states: taken.states, cancellation: cancellation,
          progress: progress
        ).run { life.withLock { $0.beginCompleting() } }
      }
    }
    let removal = removeLocal()
    switch result {
    case .success(let outcome):
      end(isCompleted: true)
      let report = SnapshotReport(
        history: engine.history, number: number, base: outcome.base,
        synchronousDuration: taken.duration, flushDuration: taken.flush,
        asynchronousDuration: ContinuousClock.now - start, files: outcome.checkpoint.files,
        newFiles: outcome.newFiles, fullBytes: outcome.checkpoint.fullBytes,
        newBytes: outcome.checkpoint.newBytes,
        warnings: taken.warnings + (removal.map { [$0] } ?? []))
      return .success(report)
    case .failure(let error):
      end(isCompleted: hasCompleted)
      // Whatever came of being told to stop is no news.
      return .failure(cancellation.isRequested ? cancelled : error)
    }
  }

  /// Whether the checkpoint is there though completing it failed, as where only its manifest could not be written.
  private var hasCompleted: Bool {
    guard life.withLock({ $0.stage == .completing }) else { return false }
    let selector = CheckpointSelector(history: engine.history, point: .number(number))
    return (try? engine.store.checkpoint(selector)) != nil
  }

  private func discard() {
    _ = removeLocal()
    end(isCompleted: false)
  }

  /// - Returns: why it could not be removed: the next engine does so.
  private func removeLocal() -> String? {
    do throws(FileError) {
      try FileSystemCalls.removeTree(engine.local.checkpoint(number))
      return nil
    } catch {
      return "\(error); the next engine removes it"
    }
  }

  private func end(isCompleted: Bool) {
    engine.leave(self)
    for waiter in life.withLock({ $0.end(isCompleted: isCompleted) }) {
      waiter.resume(returning: isCompleted)
    }
  }
}
