// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Checkpoints
import LinuxFiles
public import SystemPackage

extension Store {
  /// Makes the catalog anew from manifests, pages and blobs, and puts it in the lost one's place (promise P8).
  ///
  /// What was acknowledged and not dropped is there again, with its ids, times and tags. The old catalog, if
  /// there is one, is kept beside it as `catalog.sqlite.replaced`.
  ///
  /// - Throws: code `busy` when somebody goes on using the store for ten seconds.
  /// - Returns: as problems, what manifests promise and the store lacks.
  public static func rebuildCatalog(
    at path: FilePath, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    let layout = StoreLayout(root: path)
    let marker = try layout.readMarker()
    try checkFileSystem(of: path)
    let use = try StoreUse.take(.exclusive, layout)
    let rebuild = Rebuild(store: marker.store, layout: layout, blobs: LocalBlobStore(at: path))
    let report = try translating { try rebuild.run() }
    withExtendedLifetime(use) {}
    return report
  }
}
