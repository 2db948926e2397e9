// SPDX-License-Identifier: Apache-2.0

import Snapshots
import Testing

@Suite("When a watch looks again, and what it says")
struct WatchPlanTests {
  @Test("Snapshots begin a period apart, however long each takes; missed ones are left out")
  func rhythm() {
    var plan = WatchPlan(every: .seconds(30))
    _ = plan.note(.taken)
    #expect(plan.pause(after: .zero) == .seconds(30))
    #expect(plan.pause(after: .seconds(12)) == .seconds(18))
    #expect(plan.pause(after: .seconds(29)) == .seconds(1))
    #expect(plan.pause(after: .seconds(30)) == .seconds(30))
    #expect(plan.pause(after: .seconds(75)) == .seconds(15))
  }

  @Test("After failures the waits grow, up to the period, and to ten minutes at most")
  func backOff() {
    func waits(_ period: Duration, _ count: Int) -> [Duration] {
      var plan = WatchPlan(every: period)
      return (0..<count).map { _ in
        _ = plan.note(.failed(code: "live"))
        return plan.pause(after: .seconds(1))
      }
    }
    #expect(waits(.seconds(30), 5) == [5, 10, 20, 30, 30].map { .seconds($0) })
    #expect(waits(.seconds(2), 3) == [2, 2, 2].map { .seconds($0) })
    #expect(waits(.seconds(86_400), 9).last == .seconds(600))
    #expect(waits(.seconds(86_400), 100).last == .seconds(600))
  }

  @Test("A success ends the back-off")
  func success() {
    var plan = WatchPlan(every: .seconds(30))
    for _ in 0..<4 { _ = plan.note(.failed(code: "io")) }
    _ = plan.note(.unchanged)
    #expect(plan.pause(after: .seconds(3)) == .seconds(27))
    _ = plan.note(.failed(code: "io"))
    #expect(plan.pause(after: .seconds(3)) == .seconds(5))
  }

  @Test("Each checkpoint is told, everything else when it is not as the last time")
  func news() {
    var plan = WatchPlan(every: .seconds(1))
    let told = [
      .taken, .taken, .unchanged, .unchanged, .failed(code: "live"), .failed(code: "live"),
      .failed(code: "io"), .failed(code: "live"), .unchanged, .taken, .unchanged,
    ].map { (outcome: WatchPlan.Outcome) in plan.note(outcome) }
    #expect(
      told == [true, true, true, false, true, false, true, true, true, true, true])
  }
}
