// SPDX-License-Identifier: Apache-2.0

/// How many requests of one kind there were, and how long they took.
package struct RequestCounts: Hashable, Sendable {
  private var outcomes = [UInt64](repeating: 0, count: Outcome.allCases.count)
  package internal(set) var durations = DurationHistogram()

  package internal(set) subscript(outcome: Outcome) -> UInt64 {
    get { outcomes[outcome.rawValue] }
    set { outcomes[outcome.rawValue] = newValue }
  }

  package var total: UInt64 { outcomes.reduce(0, +) }
}
