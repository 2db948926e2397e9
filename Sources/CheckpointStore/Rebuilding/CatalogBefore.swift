// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

/// The catalog that a new one is to replace, where it can be read and is the newest.
struct CatalogBefore {
  private let catalog: SQLiteCatalog
  /// How often it was changed.
  let changes: Int64

  /// - Throws: where it could perhaps be read at another time, or by somebody else.
  init?(_ layout: StoreLayout, of store: StoreID) throws {
    // With a journal, nobody has opened it since it was made anew, or it is none of ours: it has nothing that is not beside it, and
    // cannot be read without writing to it.
    let journal = try FileStatus(ifPresent: FilePath(layout.catalog.string + "-journal"))
    guard try FileSystemCalls.exists(layout.catalog), journal?.size ?? 0 == 0 else { return nil }
    do {
      catalog = try SQLiteCatalog(at: layout.catalog, access: .readOnly)
      guard catalog.store == store,
        try ManifestKnowledge(catalog, of: store, layout).lack() == nil
      else { return nil }
      changes = try catalog.changes()
    } catch let error as CatalogError where error.code == .unusable {
      // Most often it is replaced for that; what it says is nothing to go by.
      return nil
    } catch let error as CatalogError {
      throw StoreError(
        error.code == .busy ? .busy : .io,
        "\(error.message); what it has that a new one would lack is not known, so it is not replaced. Where it cannot be read at all, "
          + "move it out of the store and run this again", cause: error)
    }
  }

  /// Refuses a new catalog that would lack a checkpoint or a tag: this one's word may be the last trace of it, and has it
  /// written anew, while a new one would have its files collected.
  ///
  /// - Throws: code `refused`.
  func refuseLoss(_ rebuilt: RebuiltCatalog) throws {
    let lost = try lost(rebuilt)
    guard let first = lost.first else { return }
    let others = lost.count > 1 ? " and \(lost.count - 1) more" : ""
    throw StoreError(
      .refused,
      "the catalog can be read, and has \(first)\(others), of which too little is left beside it to make a new one; "
        + "'ckptfs fsck --repair' writes anew what is missing. Where it cannot, restore what is needed, move 'catalog.sqlite' and "
        + "what lies beside it by that name out of the store, and run this again")
  }

  /// What a new catalog would not have, as a user names it.
  private func lost(_ rebuilt: RebuiltCatalog) throws -> [String] {
    var lost: [String] = []
    do {
      try compare(rebuilt, &lost)
    } catch let error as CatalogError where error.code == .unusable {
      // What it has beyond its damage nobody knows.
    }
    return lost
  }

  private func compare(_ rebuilt: RebuiltCatalog, _ lost: inout [String]) throws {
    for history in try all({ try catalog.histories(after: $0?.id, limit: $1) }) {
      let numbers = rebuilt.checkpoints[history.id] ?? []
      let checkpoints = try all {
        try catalog.checkpoints(of: history.id, after: $0?.number, limit: $1)
      }
      for number in checkpoints.map(\.number) where !numbers.contains(number) {
        lost.append("\(CheckpointReference(history: history.name, number: number))")
      }
      let names = rebuilt.tags[history.id] ?? []
      let tags = try all { try catalog.tags(of: history.id, after: $0?.id, limit: $1) }
      for name in tags.map(\.name) where !names.contains(name) {
        lost.append("\(history.name)/tags/\(name)")
      }
    }
  }

  private func all<Element>(
    _ next: (Element?, Int) throws -> [Element]
  ) rethrows -> [Element] {
    let limit = 1024
    var all: [Element] = []
    while true {
      let elements = try next(all.last, limit)
      all += elements
      if elements.count < limit { return all }
    }
  }
}
