// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Logging

/// What a log message says beside its text, for logs of lines: `key=value`, where there is something to add.
enum LogText {
  /// Fields of logs that have fields: the message itself has them in words.
  private static let spoken: Set<String> = ["blob", "checkpoint", "mount", "store"]

  static func pairs(_ metadata: Logger.Metadata) -> String {
    metadata.filter { !spoken.contains($0.key) }.sorted { $0.key < $1.key }
      .map { " \($0.key)=\(quoted($0.value.values.joined(separator: ",")))" }.joined()
  }

  /// One line, whatever is in it.
  static func line(_ text: String) -> String { text.printable }

  private static func quoted(_ value: String) -> String {
    let isPlain =
      !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0 == "\\" }
    if isPlain { return line(value) }
    return "\"" + line(value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")) + "\""
  }
}

extension Logger.MetadataValue {
  /// Each value of a list by itself.
  var values: [String] {
    switch self {
    case .string(let text): [text]
    case .stringConvertible(let value): ["\(value)"]
    case .array(let values): values.flatMap(\.values)
    case .dictionary(let values):
      values.sorted { $0.key < $1.key }.map {
        "\($0.key)=\($0.value.values.joined(separator: ","))"
      }
    }
  }
}
