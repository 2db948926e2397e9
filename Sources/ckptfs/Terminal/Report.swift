// SPDX-License-Identifier: Apache-2.0

/// What came of a command, for a script (`Encodable`) and for a reader.
protocol Report: Encodable {
  var lines: [String] { get }
}
