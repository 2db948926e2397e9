// SPDX-License-Identifier: Apache-2.0

extension Store {
  /// Refuses to change anything where the catalog does not know what lies among the manifests, as when an older one was put back.
  ///
  /// - Throws: code `damaged`.
  func refuseOlderCatalog() throws {
    guard let unknown = try knowledge.unknown() else { return }
    throw StoreError(
      .damaged,
      "the catalog knows nothing of '\(unknown)', as when an older catalog was put back, so nothing is changed; "
        + "run 'ckptfs fsck --rebuild-catalog', which takes it in, or tells what it lacks")
  }
}
