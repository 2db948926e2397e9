// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct CheckpointReferenceTests {
  @Test(
    "checkpoints are told one by one, but for three or more that follow each other",
    arguments: [
      ([], ""), ([("a", 4)], "a/chk-4"), ([("a", 4), ("a", 5)], "a/chk-4, a/chk-5"),
      ([("a", 4), ("a", 5), ("a", 6)], "a/chk-4 to chk-6"),
      (
        [("a", 1), ("a", 4), ("a", 5), ("a", 6), ("b", 7), ("b", 8), ("b", 9), ("b", 11)],
        "a/chk-1, a/chk-4 to chk-6, b/chk-7 to chk-9, b/chk-11"
      ),
    ] as [([(String, Int64)], String)])
  func inWords(_ checkpoints: [(String, Int64)], _ expected: String) throws {
    let references = try checkpoints.map { history, number in
      CheckpointReference(
        history: try HistoryName(history),
        number: try #require(CheckpointNumber(rawValue: number)))
    }
    #expect(references.inWords == expected)
  }
}
