// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A value that is dear to make, used for so long that making it takes no more than an eleventh of the time, however often
/// somebody asks.
///
/// It is made by one thread at a time; others get the last one meanwhile, or wait for the first. Callable from any number of
/// threads.
package final class RecentlyMade<Value: Sendable>: Sendable {
  private struct State {
    var latest: (value: Value, end: ContinuousClock.Instant)?
    var isBeingMade = false
  }

  /// For how long a value is used at least, and for how many times as long as it took to make.
  private static var leastAge: Duration { .milliseconds(200) }
  private static var ageForCost: Int { 10 }

  private let state = Mutex(State())
  /// Held by who makes one, so that others can wait for that.
  private let turn = Mutex<Void>(())

  package init() {}

  /// A value that was made lately, or is made now by `make`. What it throws is remembered by nobody.
  package func value<Failure>(
    make: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    if let known = known(orBeingMade: true) { return known }
    return try turn.withLock { _ throws(Failure) in
      if let known = known(orBeingMade: false) { return known }
      state.withLock { $0.isBeingMade = true }
      let start = ContinuousClock.now
      do throws(Failure) {
        let value = try make()
        let now = ContinuousClock.now
        let end = now + max(Self.leastAge, (now - start) * Self.ageForCost)
        state.withLock { $0 = State(latest: (value, end)) }
        return value
      } catch {
        state.withLock { $0 = State() }
        throw error
      }
    }
  }

  private func known(orBeingMade mayBeOld: Bool) -> Value? {
    state.withLock { state in
      guard let latest = state.latest,
        ContinuousClock.now < latest.end || mayBeOld && state.isBeingMade
      else { return nil }
      return latest.value
    }
  }
}
