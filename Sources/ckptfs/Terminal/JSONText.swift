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
  ///
  /// - Parameter rest: further keys and their values, asked for after the items.
  static func printArray(
    named name: String, _ body: (_ item: (String) throws -> Void) throws -> Void,
    followedBy rest: () throws -> [(key: String, value: any Encodable)] = { [] }
  ) throws {
    var output = StandardOutput()
    try output.write(verbatim: "{\"\(name)\":[")
    var previous: String?
    try body { item in
      if let previous { try output.write(verbatim: previous + ",") }
      previous = item
    }
    if let previous { try output.write(verbatim: previous) }
    let others = try rest().map { ",\"\($0.key)\":\(try of($0.value))" }
    try output.write(verbatim: "]\(others.joined())}")
    try output.flush()
  }
}
