// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// The catalog that lay there before one was made anew: at every moment all of it is there, with its log, or a new one.
struct OldCatalog {
  private static let suffixes = ["", "-wal", "-journal", "-shm"]

  let scene: Scene

  /// Opens what a killed rebuild has left under the catalog's name, if it has left something there.
  ///
  /// - Throws: ``Violation`` when it does not show what was acknowledged.
  func checkWhatIsThere(in site: Site) throws {
    guard try FileSystemCalls.exists(site.store.appending("catalog.sqlite")) else { return }
    // Opening it may change it.
    let copy = try Site(copying: site)
    try describing("the catalog that is there") {
      _ = try Inspection(of: copy).run(allowing: [scene.before], .glance)
    }
  }

  /// Opens what was kept of it by a rebuild that has ended.
  ///
  /// - Throws: ``Violation`` when it does not show all that it did.
  func checkKept(in site: Site) throws {
    if scene.logged.isEmpty { return }
    let copy = try Site(copying: site)
    let (current, kept) = ("\(copy.store)/catalog.sqlite", "\(copy.store)/catalog.sqlite.replaced")
    for suffix in Self.suffixes {
      try FileSystemCalls.unlinkIfPresent(FilePath(current + suffix))
      guard try FileSystemCalls.exists(FilePath(kept + suffix)) else { continue }
      try FileSystemCalls.rename(FilePath(kept + suffix), to: FilePath(current + suffix))
    }
    try describing("the catalog that was kept") {
      _ = try Inspection(of: copy).run(allowing: [scene.before], .glance)
    }
  }
}
