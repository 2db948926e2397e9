// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import Synchronization

/// Notes in the catalog what was read, now and then: what a crash takes is read again.
final class ReadingNotes: Sendable {
  private struct State {
    var readings: [Reading] = []
    var lastNoted = ContinuousClock.now
    var failure: CatalogError?
  }

  private static let interval = Duration.seconds(2)
  private static let limit = 1024

  private let catalog: any Catalog
  private let state = Mutex(State())

  init(_ catalog: any Catalog) { self.catalog = catalog }

  /// Why nothing is noted any more: the disk is full, or fails. Notes only save time.
  var failure: CatalogError? { state.withLock(\.failure) }

  func add(_ reading: Reading) throws {
    let due = state.withLock { state -> [Reading] in
      if state.failure != nil { return [] }
      state.readings.append(reading)
      let isDue =
        state.readings.count >= Self.limit || .now - state.lastNoted >= Self.interval
      return isDue ? Self.take(&state) : []
    }
    try note(due)
  }

  /// Notes what is left. Durable on return.
  func flush() throws { try note(state.withLock { Self.take(&$0) }) }

  private static func take(_ state: inout State) -> [Reading] {
    defer { (state.readings, state.lastNoted) = ([], .now) }
    return state.readings
  }

  private func note(_ readings: [Reading]) throws(CatalogError) {
    do throws(CatalogError) {
      try catalog.noteRead(readings, now: Timestamp(nanoseconds: WallClock.now()))
    } catch {
      guard error.code == .io else { throw error }
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }
}
