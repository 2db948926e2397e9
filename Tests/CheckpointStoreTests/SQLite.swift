// SPDX-License-Identifier: Apache-2.0

import GRDB
import SystemPackage

/// A catalog tampered with from outside.
enum SQLite {
  static func run(_ sql: String, in path: FilePath) throws {
    let queue = try DatabaseQueue(path: path.string)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }
}
