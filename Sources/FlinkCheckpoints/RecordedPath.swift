// SPDX-License-Identifier: Apache-2.0

/// A path as Flink recorded it in a `_metadata`, in one spelling.
enum RecordedPath: Hashable, Sendable {
  /// Absolute, of components without `.`, `..` and empty ones.
  case local([String])
  /// In a store of another kind, such as `s3://bucket/key`.
  case remote(scheme: String, text: String)
  /// No path that a file can have.
  case invalid(String)

  /// Reads `file:/a`, with any number of slashes, `/a` and `scheme://…`.
  init(_ text: String) {
    var rest = text[...]
    if let colon = text.firstIndex(of: ":"), text[..<colon].allSatisfy(isOfScheme),
      colon > text.startIndex
    {
      let scheme = text[..<colon]
      guard scheme == "file" else {
        self = .remote(scheme: String(scheme), text: text)
        return
      }
      rest = text[colon...].dropFirst()
    }
    let components = rest.split(separator: "/").filter { $0 != "." }.map(String.init)
    guard rest.first == "/", !components.isEmpty, !components.contains(".."),
      !text.utf8.contains(0)
    else {
      self = .invalid(text)
      return
    }
    self = .local(components)
  }
}

private func isOfScheme(_ character: Character) -> Bool {
  character.isASCII
    && (character.isLetter || character.isNumber || "+-.".contains(character))
}
