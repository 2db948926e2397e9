// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Dispatch
import Synchronization
import Testing

@Suite("A value that is dear to make")
struct RecentlyMadeTests {
  private struct Refusal: Error {}

  @Test(
    "Of those who ask at once one makes it, and the others get what it made",
    .timeLimit(.minutes(1)))
  func once() {
    let recent = RecentlyMade<Int>()
    let asking = Atomic(0)
    let made = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      asking.wrappingAdd(1, ordering: .relaxed)
      let value = recent.value {
        // Whoever comes while it is made waits, so two at once would both be counted.
        let order = made.wrappingAdd(1, ordering: .relaxed).newValue
        for _ in 0..<100_000 where asking.load(ordering: .relaxed) < 2 {}
        return order
      }
      #expect(value == 1)
    }
    #expect(made.load(ordering: .relaxed) == 1)
  }

  @Test(
    "While it is made anew others get the last one, and wait for nobody", .timeLimit(.minutes(1)))
  func meanwhile() {
    let recent = RecentlyMade<Int>()
    #expect(recent.value { 1 } == 1)
    let isMaking = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let hasEnded = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      var value = 1
      while value == 1 {
        value = recent.value {
          isMaking.signal()
          mayEnd.wait()
          return 2
        }
      }
      hasEnded.signal()
    }
    isMaking.wait()
    #expect(recent.value { 3 } == 1)
    mayEnd.signal()
    hasEnded.wait()
    #expect(recent.value { 3 } == 2)
  }

  @Test("A failure is told to who asked, and not remembered")
  func failure() {
    let recent = RecentlyMade<Int>()
    #expect(throws: Refusal.self) { try recent.value { () throws(Refusal) in throw Refusal() } }
    #expect(recent.value { 1 } == 1)
  }
}
