// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Puts values that `JSONEncoder` has encoded within one another, so that a large document is never a
/// tree in memory.
struct JSONPieces {
  private var bytes: [UInt8] = []
  /// Of each object that was begun: whether its list has something in it.
  private var open: [Bool] = []
  private let encoder: JSONEncoder

  init() {
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  }

  /// Gives what was written since the last time.
  mutating func take() -> [UInt8] {
    let taken = bytes
    bytes = []
    return taken
  }

  mutating func add(_ value: some Encodable) { write(encoded(value)[...]) }

  /// Begins an object with the fields of `value`, which has some, and a list of what comes until `end`.
  mutating func begin(_ value: some Encodable, listing name: String) {
    let indent = indentation
    // Without the brace that ends it, and the line that this is on.
    write(encoded(value).dropLast(2))
    bytes += ",\n\(indent)  \"\(name)\" : [".utf8
    open.append(false)
  }

  mutating func end() {
    let isFilled = open.removeLast()
    if isFilled { bytes += "\n\(indentation)  ".utf8 }
    bytes += "]\n\(indentation)}".utf8
    if open.isEmpty { bytes.append(newLine) }
  }

  private var indentation: String { String(repeating: "    ", count: open.count) }

  private mutating func write(_ text: ArraySlice<UInt8>) {
    if let isFilled = open.last {
      bytes += "\(isFilled ? "," : "")\n\(indentation)".utf8
      open[open.count - 1] = true
    }
    // Text in JSON has no line ends of its own.
    for (number, line) in text.split(separator: newLine, omittingEmptySubsequences: false)
      .enumerated()
    {
      if number > 0 { bytes.append(newLine) }
      if number > 0, !line.isEmpty { bytes += indentation.utf8 }
      bytes += line
    }
  }

  private func encoded(_ value: some Encodable) -> [UInt8] {
    do {
      return try Array(encoder.encode(value))
    } catch {
      preconditionFailure("text and integers can be written as JSON: \(error)")
    }
  }
}

private let newLine = UInt8(ascii: "\n")
