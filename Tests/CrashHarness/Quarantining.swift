// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import LinuxFiles
import Synchronization
import SystemPackage

/// A repair that finds nothing to put in the place of bad blobs, killed at each of its steps: no bad file is lost, or shown.
package struct Quarantining: Sendable {
  private let faults: String

  package init(faults: String = "") { self.faults = faults }

  /// - Returns: how many steps it was killed at.
  /// - Throws: ``Violation``.
  @discardableResult
  package func run(stride: Int = 1) throws -> Int {
    let template = try Site()
    let scene = Scene("quarantine", .repair, damage: Damage(copiesGood: false))
    try describing("preparation") { try scene.prepare(template) }
    let bad = try Self.bad(template)
    let killed = Mutex(0)
    try Workers.run { turn in
      let isKilled = try kill(at: 1 + turn * stride, template, bad)
      if isKilled { killed.withLock { $0 += 1 } }
      return isKilled
    }
    return killed.withLock(\.self)
  }

  private func kill(at step: Int, _ template: Site, _ bad: [FilePath.Component: [UInt8]]) throws
    -> Bool
  {
    let site = try Site(copying: template)
    let steps = faults.isEmpty ? "kill@\(step)" : "kill@\(step),\(faults)"
    let outcome = try ActorProcess("main", in: site, [.repair], steps: steps).wait()
    return try describing("quarantine, step \(step), \(outcome.places.last ?? "not killed")") {
      try Inspection(of: site).checkNothingBadIsShown()
      try checkKept(bad, site)
      if outcome.wasKilled { _ = try Store(at: site.store).check(CheckOptions(repairs: true)) }
      for name in bad.keys {
        guard try FileSystemCalls.exists(site.store.appending("quarantine").appending(name)) else {
          throw Violation("P9", "'\(name)' is bad, and not in quarantine")
        }
      }
      try checkKept(bad, site)
      let store = try Store(at: site.store)
      let problems = try store.check(CheckOptions(readsData: true)).problems
      guard problems.count == 3 else { throw Violation("P9", "a check tells of \(problems)") }
      return outcome.wasKilled
    }
  }

  /// The files that are bad and that lie there, with their bytes.
  private static func bad(_ site: Site) throws -> [FilePath.Component: [UInt8]] {
    var bad: [FilePath.Component: [UInt8]] = [:]
    for seed in [1, 4] {
      let file = SyntheticFile("", seed, isShared: true)
      guard let blob = try Store(at: site.store).catalog.blob(file.digest),
        let name = Damage.path(of: blob.name, in: site).lastComponent
      else { throw Violation("P3", "content \(seed) is not in the store") }
      bad[name] = try FileSystemCalls.contents(
        of: Damage.path(of: blob.name, in: site), limit: 1 << 26)
    }
    return bad
  }

  /// Each is there, as it was, in one place.
  private func checkKept(_ bad: [FilePath.Component: [UInt8]], _ site: Site) throws {
    for (name, bytes) in bad {
      let places = try [
        site.store.appending("blobs/\(name.string.prefix(2))").appending(name),
        site.store.appending("quarantine").appending(name),
      ].filter { try FileSystemCalls.exists($0) }
      guard places.count == 1,
        try FileSystemCalls.contents(of: places[0], limit: 1 << 26) == bytes
      else { throw Violation("P9", "'\(name)' lies in \(places), or has changed") }
    }
  }
}
