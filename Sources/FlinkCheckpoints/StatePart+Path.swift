// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import FlinkMetadata

extension StatePart {
  /// Where the part is shown in the checkpoint.
  ///
  /// - Throws: InvalidPath for a name that no file can have.
  package var path: EntryPath {
    get throws(InvalidPath) { try EntryPath(components.joined(separator: "/")) }
  }

  private var components: [String] {
    switch owner {
    case .master: ["master", name]
    case .coordinator(let id): [id.description, name]
    case .subtask(let id, let subtask):
      switch role {
      case .database(let file): [id.description, "\(subtask)", file]
      case .furtherDatabase(let number, let file):
        [id.description, "\(subtask).state", "database-\(number)", file]
      case .other(let path): [id.description, "\(subtask).state", path]
      case .masterState, .coordinator: [id.description, "\(subtask).state", name]
      }
    }
  }

  /// As messages and reports name it.
  package var name: String {
    switch role {
    case .masterState(let number, let name): "\(number)-\(EscapedName(name))"
    case .coordinator: "coordinator"
    case .database(let file): file
    case .furtherDatabase(let number, let file): "database-\(number)/\(file)"
    case .other(let path): path
    }
  }
}
