// SPDX-License-Identifier: Apache-2.0

/// What came of a command, for a script (`Encodable`) and for a reader.
protocol Report: Encodable {
  var lines: [String] { get }
  /// What the command has changed, as a clause, for when the report itself cannot be written; `nil` for nothing.
  var deed: String? { get }
}

extension Report {
  var deed: String? { nil }
}
