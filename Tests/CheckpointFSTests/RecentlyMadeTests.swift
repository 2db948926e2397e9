// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Dispatch
import Foundation
import Synchronization
import Testing

@Suite("A value that is dear to make")
struct RecentlyMadeTests {
  private struct Refusal: Error {}

  @Test(
    "Of those who ask at once one makes it, and the others get what it made",
    .timeLimit(.minutes(60)))
  func once() {
    let recent = RecentlyMade<Int>()
    let made = Atomic(0)
    let isMaking = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let values = Mutex<[Int]>([])
    let ended = DispatchSemaphore(value: 0)
    func ask() {
      Thread.detachNewThread {
        let value = recent.value {
          let order = made.wrappingAdd(1, ordering: .relaxed).newValue
          isMaking.signal()
          mayEnd.wait()
          return order
        }
        values.withLock { $0.append(value) }
        ended.signal()
      }
    }
    for _ in 1...4 { ask() }
    isMaking.wait()
    // Nobody else begins while the first is at it.
    #expect(isMaking.wait(timeout: .now() + 0.2) == .timedOut)
    for _ in 1...4 { mayEnd.signal() }
    for _ in 1...4 { ended.wait() }
    #expect(values.withLock { $0 } == [1, 1, 1, 1])
  }

  @Test(
    "While it is made anew others get the last one, and wait for nobody", .timeLimit(.minutes(60)))
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
