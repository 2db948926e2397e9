// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization
import SystemPackage

extension SQLiteCatalog {
  package func makeMeter() throws(CatalogError) -> any CatalogMeter {
    do {
      return try DataVersionMeter(path)
    } catch {
      throw Self.translated(error, path)
    }
  }
}

/// `PRAGMA data_version` tells one connection of what others committed, hence a connection of its own.
private final class DataVersionMeter: CatalogMeter {
  private let queue: DatabaseQueue
  private let path: FilePath
  private let last = Mutex<Int64?>(nil)

  init(_ path: FilePath) throws {
    self.path = path
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "catalog meter"
    queue = try DatabaseQueue(path: path.string, configuration: configuration)
  }

  func hasChanged() throws(CatalogError) -> Bool {
    do {
      let version = try queue.inDatabase { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
      return last.withLock { last in
        defer { last = version }
        return last != version
      }
    } catch {
      throw SQLiteCatalog.translated(error, path)
    }
  }
}
