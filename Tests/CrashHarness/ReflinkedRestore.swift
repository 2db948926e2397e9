// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// A restore on a file system that can share blocks: it is synced as a copy is, and rot comes along only where nothing
/// is to be read.
package struct ReflinkedRestore: Sendable {
  private let scene = Scene.named("restore")

  package init() {}

  /// - Throws: ``Violation``.
  package func run() throws {
    try describing("a restore by reflink") {
      if TracedOperation.isPossible {
        try TracedOperation(scene, on: LoopFileSystem(.xfs)).run()
      }
      let disk = try LoopFileSystem(.xfs)
      let site = Site(on: disk)
      try scene.prepare(site)
      try restoreRot(Store(at: site.store), site)
    }
  }

  private func restoreRot(_ store: Store, _ site: Site) throws {
    let checkpoint = try store.checkpoint(CheckpointSelector("a/chk-1"))
    let file = SyntheticFile("000001.sst", 1, isShared: true)
    guard let blob = try store.catalog.blob(file.digest) else {
      throw Violation("P4", "the catalog has lost \(file.path)")
    }
    // Only reflinks, so that it is known that they are possible here.
    let sound = site.destination("sound")
    _ = try store.restore(checkpoint, to: sound, mode: .reflink)
    try RestoredDirectory.check(sound, against: scene.before.histories["a"]?[1])

    try Damage.rot(Damage.path(of: blob.name, in: site), file.bytes)
    for mode in [RestoreMode.auto, .copy] {
      let target = site.destination("\(mode)")
      do {
        _ = try store.restore(checkpoint, to: target, mode: mode)
        throw Violation("P5", "rot was restored by \(mode), and nobody told")
      } catch let error as StoreError {
        guard error.code == .damaged, try !FileSystemCalls.exists(target) else {
          throw Violation("P5", "by \(mode): \(error.message)")
        }
      }
    }
    let rotten = site.destination("rotten")
    _ = try store.restore(checkpoint, to: rotten, mode: .reflink)
    let bytes = try FileSystemCalls.contents(of: rotten.appending(file.path), limit: 1 << 20)
    guard bytes != file.bytes else { throw Violation("P5", "the harness did not spoil the blob") }
  }
}
