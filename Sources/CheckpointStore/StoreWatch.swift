// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization

/// Watches a store's catalog for what any process commits.
///
/// A commit writes the catalog's log, syncs it and only then becomes visible, of which inotify tells nothing: so the
/// catalog is asked at each write, then at growing intervals, and once in a while without any.
final class StoreWatch: SourceWatch {
  private static let shortestPause: Duration = .milliseconds(2)
  private static let longestPause: Duration = .milliseconds(500)

  private let directory: DirectoryWatch
  private let meter: any CatalogMeter
  private let pause = Mutex(StoreWatch.shortestPause)

  init(_ store: Store) throws {
    // First the watch: what is written from here on is told of.
    directory = try DirectoryWatch(store.layout.root)
    meter = try store.catalog.makeMeter()
    _ = try meter.hasChanged()
  }

  func wait(atMost limit: Duration?) throws(SourceError) -> SourceEvent {
    let end = limit.map { ContinuousClock.now + $0 }
    do {
      while true {
        switch try directory.wait(atMost: pause.withLock { $0 }) {
        case .cancelled: return .cancelled
        case .changed: pause.withLock { $0 = Self.shortestPause }
        case .timedOut: pause.withLock { $0 = min($0 * 2, Self.longestPause) }
        }
        if try meter.hasChanged() { return .changed }
        if let end, ContinuousClock.now >= end { return .timedOut }
      }
    } catch {
      throw SourceError(.unavailable, "\(error)", cause: error)
    }
  }

  func cancel() { directory.cancel() }
}
