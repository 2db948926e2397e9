// SPDX-License-Identifier: Apache-2.0

/// The calls in a log that `strace -f -y -o` wrote, in the order in which they returned.
struct SystemCallLog {
  struct Call {
    let name: String
    /// The arguments as strace writes them.
    let arguments: String
    /// The lines on which it began and returned; calls of several threads overlap.
    let start: Int
    let end: Int

    /// The strings among the arguments.
    var strings: [String] { quoted.map(\.text) }

    /// The strings among the arguments as paths: a name within an open directory with that of the directory.
    var paths: [String] {
      quoted.map { $0.text.hasPrefix("/") ? $0.text : "\($0.directory)/\($0.text)" }
    }

    /// The strings, each with what the descriptor before it leads to.
    private var quoted: [(directory: String, text: String)] {
      var found: [(directory: String, text: String)] = []
      var current: String?
      var directory = ""
      var isInDirectory = false
      var isEscaped = false
      for character in arguments {
        if isEscaped {
          isEscaped = false
          current?.append(character)
        } else if character == "\\" {
          isEscaped = true
        } else if character == "\"" {
          if let text = current { found.append((directory, text)) }
          current = current == nil ? "" : nil
        } else if current != nil {
          current?.append(character)
        } else if character == "<" {
          (directory, isInDirectory) = ("", true)
        } else if character == ">" {
          isInDirectory = false
        } else if isInDirectory {
          directory.append(character)
        }
      }
      return found
    }

    /// The path of the descriptor that is the first argument.
    var descriptorPath: String? {
      guard let open = arguments.firstIndex(of: "<"),
        let close = arguments[open...].firstIndex(of: ">")
      else { return nil }
      return String(arguments[arguments.index(after: open)..<close])
    }
  }

  let calls: [Call]

  init(_ text: String) {
    var calls: [Call] = []
    var begun: [Substring: (text: String, line: Int)] = [:]
    for (number, line) in text.split(separator: "\n").enumerated() {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      var body = String(parts[1].drop { $0 == " " })
      var start = number
      if body.hasSuffix("<unfinished ...>") {
        begun[parts[0]] = (String(body.dropLast(16)), number)
        continue
      }
      if body.hasPrefix("<... "), let rest = Self.range(of: " resumed>", in: body),
        let first = begun.removeValue(forKey: parts[0])
      {
        body = first.text + body[rest...]
        start = first.line
      }
      if let call = Self.call(body, start, number) { calls.append(call) }
    }
    self.calls = calls
  }

  /// - Returns: `nil` for a call that failed, and for what is no call.
  private static func call(_ body: String, _ start: Int, _ end: Int) -> Call? {
    guard let open = body.firstIndex(of: "("), let equals = body.range(ofLast: ") = ") else {
      return nil
    }
    let result = body[equals.upperBound...]
    guard !result.hasPrefix("-1 "), !result.hasPrefix("?") else { return nil }
    return Call(
      name: String(body[..<open]),
      arguments: String(body[body.index(after: open)..<equals.lowerBound]), start: start, end: end)
  }

  private static func range(of mark: String, in body: String) -> String.Index? {
    body.range(ofLast: mark)?.upperBound
  }
}

extension String {
  fileprivate func range(ofLast mark: String) -> Range<String.Index>? {
    var index = endIndex
    while index > startIndex {
      index = self.index(before: index)
      if self[index...].hasPrefix(mark) {
        return index..<self.index(index, offsetBy: mark.count)
      }
    }
    return nil
  }
}
