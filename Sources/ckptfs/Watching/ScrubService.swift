// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Dispatch
import Snapshots
import SystemPackage

/// One scrubbing of a store, by this process, until a signal comes.
struct ScrubService: Sendable {
  let path: FilePath
  let rate: ScrubRate
  let format: FormatOptions

  /// Scrubs on the calling thread.
  ///
  /// - Parameter supervisor: whom to tell that this process lives; `nil` where another thread is what must go on.
  /// - Throws: only when nobody can be told.
  func run(_ ending: WatchEnding, _ supervisor: WatchSupervisor?) throws {
    var scrub = Scrub(of: path, at: rate, cancellation: ending.cancellation) { _ in
      supervisor?.tellAlive()
    }
    // Only for when to try again, and what to say then.
    var plan = WatchPlan(every: .seconds(600))
    var teller = WatchTeller(format)
    while !ending.isRequested {
      supervisor?.tellAlive()
      let pause = try step(&scrub, &plan, &teller, ending)
      if ending.wait(for: pause, interval: supervisor?.interval, { supervisor?.tellAlive() }) {
        return
      }
    }
  }

  private func step(
    _ scrub: inout Scrub, _ plan: inout WatchPlan, _ teller: inout WatchTeller,
    _ ending: WatchEnding
  ) throws -> Duration {
    do {
      let step = try scrub.step()
      _ = plan.note(.unchanged)
      for finding in step.findings {
        if try teller.tell(.damaged(finding.problem)) { scrub.noteTold(finding) }
      }
      return step.pause
    } catch {
      if ClosedOutput.isReason(for: error) { throw error }
      if ending.isRequested { return .zero }
      let failure = Failure(error)
      if plan.note(.failed(code: failure.code)) {
        ErrorOutput.write(
          Failure(failure.status, failure.code, "\(failure.message) (scrubbing waits)"),
          asJSON: format.isJSON)
      }
      return plan.pause(after: .zero)
    }
  }

  /// Scrubs on a thread of its own, of which no supervisor hears: it waits for the thread that takes snapshots.
  ///
  /// - Returns: what waits for its end, and throws what ended it.
  func start(_ ending: WatchEnding) -> () throws -> Void {
    let group = DispatchGroup()
    let failure = FirstFailure()
    DispatchQueue(label: "scrub").async(group: group) {
      do {
        try run(ending, nil)
      } catch {
        failure.note(error)
        ending.request()
      }
    }
    return {
      group.wait()
      try failure.check()
    }
  }
}
