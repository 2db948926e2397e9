// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// Where files are whose recorded paths begin with something else: `--map old=new`.
package struct PathMapping: Hashable, Sendable {
  /// Without a slash at its end; `/a/b` for local paths, also where `file:/a/b` was given.
  let old: String
  let new: FilePath

  /// Reads `old=new`; the last `=` divides them.
  ///
  /// - Returns: `nil` unless both are there and `new` is absolute.
  package init?(_ text: String) {
    guard let mark = text.lastIndex(of: "="), mark > text.startIndex else { return nil }
    let new = FilePath(String(text[mark...].dropFirst()))
    guard new.isAbsolute else { return nil }
    self.init(from: String(text[..<mark]), to: new)
  }

  package init(from old: String, to new: FilePath) {
    self.old =
      switch RecordedPath(old) {
      case .local(let components): "/" + components.joined(separator: "/")
      case .remote, .invalid: String(old.reversed().drop { $0 == "/" }.reversed())
      }
    self.new = new
  }

  /// The components below `new`, or `nil` when `path` does not begin with `old`.
  func rest(of path: RecordedPath) -> [String]? {
    let text: String
    switch path {
    case .local(let components): text = "/" + components.joined(separator: "/")
    case .remote(_, let remote): text = remote
    case .invalid: return nil
    }
    guard text.hasPrefix(old), text.dropFirst(old.count).first == "/" else { return nil }
    let rest = text.dropFirst(old.count).split(separator: "/").map(String.init)
    return rest.contains { $0 == ".." || $0 == "." } ? nil : rest
  }
}
