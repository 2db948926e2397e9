// SPDX-License-Identifier: Apache-2.0

/// A promise that was not kept.
package struct Violation: Error, CustomStringConvertible {
  package let promise: String
  package let detail: String
  /// What was being done, from the outermost on.
  package var context: [String] = []
  /// A command that shows it again.
  package var reproduction: String?

  package init(_ promise: String, _ detail: String) {
    self.promise = promise
    self.detail = detail
  }

  package var description: String {
    let what = (context + ["\(promise): \(detail)"]).joined(separator: ": ")
    return reproduction.map { "\(what)\n\($0)" } ?? what
  }
}

/// Does `body`; what it finds broken is told to have happened in `context`.
package func describing<Result>(
  _ context: @autoclosure () -> String, _ body: () throws -> Result
) throws -> Result {
  do {
    return try body()
  } catch {
    var violation = error as? Violation ?? Violation("P6", "\(error)")
    violation.context.insert(context(), at: 0)
    throw violation
  }
}
