// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles

extension Store {
  /// Refuses to change anything where the catalog is not the newest, as when an older one was put back.
  ///
  /// - Throws: code `damaged`.
  func refuseOlderCatalog() throws {
    if let lack = try knowledge.lack() { throw StoreError(.damaged, Self.text(of: lack, layout)) }
  }

  static func text(of lack: ManifestKnowledge.Lack, _ layout: StoreLayout) -> String {
    switch lack {
    case .changes:
      "the catalog '\(layout.catalog)' lacks the last changes, as when an older one was put back, so nothing is changed; put the "
        + "newest back, or run 'ckptfs fsck --rebuild-catalog', which makes it anew from the manifests"
    case .manifest(let path):
      "the catalog knows nothing of '\(path)', as when an older catalog was put back, so nothing is changed; "
        + "run 'ckptfs fsck --rebuild-catalog', which takes it in, or tells what it lacks"
    }
  }
}

extension Store {
  /// Refuses a collection while a checkpoint is left out of the catalog: what lacks a piece may get it back, and then needs the rest.
  ///
  /// - Throws: code `refused`.
  func refuseLeftOut() throws {
    guard try knowledge.leftOut() != nil,
      let path = try outbox.settled({ try knowledge.leftOut() })
    else { return }
    throw StoreError(
      .refused,
      "'\(path)' tells of a checkpoint that the catalog lacks since it was made anew, and what that needs is not known, so nothing is "
        + "removed; put back what it lacks and run 'ckptfs fsck --rebuild-catalog', or remove this file to give the checkpoint up"
    )
  }

  /// Refuses a tag while another has its file that is left out of the catalog, as is its checkpoint: it would be written over.
  ///
  /// - Throws: code `exists`.
  func refuseLeftOut(_ tag: TagName, of history: HistoryID) throws {
    let path = layout.tag(tag, of: history)
    let isLeftOut = { [self] in
      try FileSystemCalls.exists(path) && catalog.tag(named: tag, of: history) == nil
    }
    // One that was taken off has its file for a moment more.
    guard try isLeftOut(), try outbox.settled(isLeftOut) else { return }
    throw StoreError(
      .exists,
      "'\(path)' is the tag '\(tag)' of a checkpoint that the catalog lacks since it was made anew; choose another name, or remove "
        + "this file to give that tag up")
  }
}
