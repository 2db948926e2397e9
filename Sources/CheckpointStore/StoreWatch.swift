// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import DurabilitySteps
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
  private let source: StoreSource
  private let meter: Mutex<any CatalogMeter>
  private let pause = Mutex(StoreWatch.shortestPause)

  init(_ source: StoreSource, _ layout: StoreLayout) throws {
    self.source = source
    // First the watch: what is written from here on is told of.
    directory = try DirectoryWatch(layout.root)
    let meter = try source.makeMeter()
    _ = try meter.hasChanged()
    self.meter = Mutex(meter)
    source.forget(isWatched: true)
  }

  deinit {
    source.forget(isWatched: false)
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
        if let event = try change() {
          if !Steps.isLeftOut(.forgetKnown) { source.forget(isWatched: true) }
          return event
        }
        if let end, ContinuousClock.now >= end { return .timedOut }
      }
    } catch {
      source.forget(isWatched: false)
      throw SourceError(.unavailable, "\(error)", cause: error)
    }
  }

  private func change() throws -> SourceEvent? {
    if let new = try source.refresh() {
      meter.withLock { $0 = new }
      return .replaced
    }
    return try meter.withLock { try $0.hasChanged() } ? .changed : nil
  }

  func cancel() { directory.cancel() }
}
