// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

@testable import FlinkCheckpoints

@Suite struct ReportCacheTests {
  private let start = ContinuousClock.now

  @Test("a text that was made quickly stays for a second")
  func short() {
    var cache = ReportCache()
    #expect(cache.text(of: .missing, at: start) == nil)
    cache.keep([1], of: .missing, madeFrom: start, to: start)
    #expect(cache.text(of: .missing, at: start + .milliseconds(999)) == [1])
    #expect(cache.text(of: .unreferenced, at: start) == nil, "each has its own")
    #expect(cache.text(of: .missing, at: start + .seconds(1)) == nil)
  }

  @Test("one that took long stays ten times as long, but not for ever")
  func long() {
    var cache = ReportCache()
    _ = cache.text(of: .unreferenced, at: start)
    cache.keep([1], of: .unreferenced, madeFrom: start, to: start + .seconds(3))
    #expect(cache.text(of: .unreferenced, at: start + .seconds(32)) == [1])
    #expect(cache.text(of: .unreferenced, at: start + .seconds(33)) == nil)
    cache.keep([2], of: .unreferenced, madeFrom: start, to: start + .seconds(3600))
    #expect(cache.text(of: .unreferenced, at: start + .seconds(3659)) == [2])
    #expect(cache.text(of: .unreferenced, at: start + .seconds(3660)) == nil)
  }

  @Test("while one makes it anew, others get the last")
  func oneMaker() {
    var cache = ReportCache()
    _ = cache.text(of: .missing, at: start)
    cache.keep([1], of: .missing, madeFrom: start, to: start)
    let later = start + .seconds(5)
    #expect(cache.text(of: .missing, at: later) == nil)
    #expect(cache.text(of: .missing, at: later) == [1])
    cache.giveUp(.missing)
    #expect(cache.text(of: .missing, at: later) == nil, "it failed, so the next one tries")
  }
}
