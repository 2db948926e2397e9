// SPDX-License-Identifier: Apache-2.0

/// What checking a store found.
public struct CheckReport: Sendable {
  /// What is wrong, and was not repaired.
  public internal(set) var problems: [Problem] = []
  /// What was wrong, and is right now.
  public internal(set) var repaired: [Problem] = []
  /// Worth knowing, but no damage.
  public internal(set) var notices: [Notice] = []

  init(problems: [Problem] = []) {
    self.problems = problems
  }

  public var isClean: Bool { problems.isEmpty }
}
