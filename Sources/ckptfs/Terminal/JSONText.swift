// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// JSON in one line, the same for the same value.
enum JSONText {
  static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Prints `{"name":[…]}`, one item a line, as the items come.
  static func printArray(
    named name: String, _ body: (_ item: (String) throws -> Void) throws -> Void
  ) throws {
    var output = StandardOutput()
    try output.write(line: "{\"\(name)\":[")
    var previous: String?
    try body { item in
      if let previous { try output.write(line: previous + ",") }
      previous = item
    }
    if let previous { try output.write(line: previous) }
    try output.write(line: "]}")
    try output.flush()
  }
}
