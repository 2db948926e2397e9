// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Logging

/// What a log message says in a line: its text, and `key=value`, where there is something to add.
enum LogText {
  /// Whose messages come together in a log.
  enum Log {
    /// One mount's: who reads it knows which.
    case own
    /// The whole system's, those of other mounts among them.
    case system
  }

  static func line(_ event: LogEvent, _ metadata: Logger.Metadata, in log: Log) -> String {
    let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
    let pairs = all.filter { !log.spoken.contains($0.key) }.sorted { $0.key < $1.key }
      .map { " \($0.key)=\(quoted($0.value.values.joined(separator: ",")))" }
    return line("\(event.message)") + pairs.joined()
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

extension LogText.Log {
  /// Fields of logs that have fields: the message itself has them in words, or they are the same in each line.
  fileprivate var spoken: Set<String> {
    switch self {
    case .own: ["blob", "checkpoint", "mount", "store"]
    case .system: ["blob", "checkpoint", "store"]
    }
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
