// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

@Suite("What is known until something changes")
struct KnownUntilChangeTests {
  private let known = KnownUntilChange<String, Int>(capacity: 3, isWatched: true)

  private func value(_ key: String, _ found: [(String, Int)]) -> Int? {
    known.value(for: key) { found }
  }

  @Test("What was found is known, with what was found beside it")
  func finds() {
    #expect(value("a", [("a", 1), ("b", 2)]) == 1)
    #expect(value("a", []) == 1)
    #expect(value("b", []) == 2)
    #expect(value("c", [("d", 4)]) == nil)
    #expect(value("d", []) == 4)
  }

  @Test("After a change all is looked for again, also what was being looked for at that moment")
  func changes() {
    #expect(value("a", [("a", 1)]) == 1)
    known.forget(isWatched: true)
    #expect(value("a", []) == nil)
    let found = known.value(for: "a") {
      known.forget(isWatched: true)
      return [("a", 2)]
    }
    #expect(found == 2)
    #expect(value("a", [("a", 3)]) == 3)
  }

  @Test("Where nobody tells of changes nothing is kept")
  func unwatched() {
    known.forget(isWatched: false)
    #expect(value("a", [("a", 1)]) == 1)
    #expect(value("a", [("a", 2)]) == 2)
  }

  @Test("For more than there is room all others are forgotten")
  func bounded() {
    #expect(value("a", [("a", 1), ("b", 2), ("c", 3)]) == 1)
    #expect(value("d", [("d", 4)]) == 4)
    #expect(value("a", [("a", 5)]) == 5)
    #expect(value("d", []) == 4)
  }
}
