// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a program that has ended left behind.
package struct Outcome: CustomStringConvertible, Sendable {
  package let status: Int32
  package let output: String
  package let errors: String

  package init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  package var description: String { "status \(status), output '\(output)', errors '\(errors)'" }

  /// Reads what it said with `--json`.
  package func decoded<Answer: Decodable>(as type: Answer.Type = Answer.self) throws -> Answer {
    try JSONDecoder().decode(type, from: Data(output.utf8))
  }
}

/// A program ended otherwise than the test says.
package struct UnexpectedEnd: Error, CustomStringConvertible {
  package let command: String
  package let outcome: Outcome

  package init(command: String, outcome: Outcome) {
    self.command = command
    self.outcome = outcome
  }

  package var description: String { "'\(command)' ended with \(outcome)" }
}
