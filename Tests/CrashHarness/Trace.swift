// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Turns that can be taken again: as they were made up, or fewer of them.
package struct Trace: Hashable, Sendable {
  package var turns: [Turn]

  init(_ turns: [Turn]) { self.turns = turns }

  /// Why a trace fails, and after how many turns.
  package struct Failure: Error, Sendable {
    package let violation: Violation
    package let trace: Trace
  }

  /// Takes all turns on a new store.
  ///
  /// - Returns: `nil` when all is as it must be.
  package func failure() throws -> Failure? {
    var run = try ModelRun()
    for (index, turn) in turns.enumerated() {
      if let violation = Self.violation(turn, { try run.perform(turn) }) {
        return Failure(violation: violation, trace: Trace(Array(turns[...index])))
      }
    }
    return Self.violation(nil, { try run.end() }).map { Failure(violation: $0, trace: self) }
  }

  static func violation(_ turn: Turn?, _ body: () throws -> Void) -> Violation? {
    do {
      try describing(turn.map { "\($0.operation)" } ?? "at the end") { try body() }
      return nil
    } catch {
      return error as? Violation ?? Violation("P6", "\(error)")
    }
  }

  // MARK: As text

  /// One turn a line.
  package init(text: String) throws {
    let decoder = JSONDecoder()
    turns = try text.split(separator: "\n").map {
      try decoder.decode(Turn.self, from: Data($0.utf8))
    }
  }

  /// A command for a shell that takes the turns again.
  package var command: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Nothing in a turn is beyond JSON.
    let lines = turns.compactMap { try? String(decoding: encoder.encode($0), as: UTF8.self) }
    return (["swift run CrashRunner replay <<'END'"] + lines + ["END"]).joined(separator: "\n")
  }
}
