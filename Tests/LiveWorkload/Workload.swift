// SPDX-License-Identifier: Apache-2.0

package import RocksDB

/// What a program writes to its database without end, such that any single moment of it can be told from all that is no
/// moment: a hole, half a batch, or something acknowledged that is missing.
///
/// Each of several threads counts from 1, and writes number `i` as one batch: to column family "wide" and, with smaller
/// values, to "narrow", in slot `i` mod ``slots``, and as "counter" to both; each tenth also puts and deletes in "default".
/// So after `n` each slot has the last number up to `n` that belongs to it. The families fill at different paces.
package struct Workload: Sendable {
  package static let families = ["wide", "narrow"]
  package static let slots: UInt64 = 2000
  /// How many keys of each thread the default family has.
  private static let window: UInt64 = 20

  package let thread: Int

  package init(thread: Int) { self.thread = thread }

  /// Writes number `index`, from 1 on.
  package func write(
    _ index: UInt64, to database: Database, _ families: [ColumnFamily], log: LogUse = .written
  ) throws(RocksDBError) {
    var batch = WriteBatch()
    for (family, width) in zip(families, [200, 30]) {
      batch.put(slotKey(index % Self.slots), value(index, width), in: family)
      batch.put(counterKey, value(index, 20), in: family)
    }
    if index % 10 == 0, let other = database.columnFamily("default") {
      batch.put(windowKey(index / 10), value(index, 20), in: other)
      if index / 10 > Self.window { batch.delete(windowKey(index / 10 - Self.window), in: other) }
    }
    try database.write(batch, log: log)
  }

  /// The number after which `database` was left.
  ///
  /// - Throws: ``Violation`` where it is no moment of what was written.
  package func check(_ database: Database) throws -> UInt64 {
    var counts: Set<UInt64> = []
    for name in Self.families {
      guard let family = database.columnFamily(name) else {
        throw Violation(what: "column family \(name) is missing")
      }
      let count = try database.get(counterKey, in: family).map(index) ?? 0
      counts.insert(count)
      try checkSlots(of: database, family, count)
    }
    guard counts.count == 1, let count = counts.first else {
      throw Violation(what: "the families were left after \(counts.sorted())")
    }
    try checkWindow(of: database, count)
    return count
  }

  private func checkSlots(
    of database: Database, _ family: ColumnFamily, _ count: UInt64
  ) throws {
    for slot in 0..<Self.slots {
      let found = try database.get(slotKey(slot), in: family).map(index)
      let back = (count % Self.slots + Self.slots - slot) % Self.slots
      let expected = count > back ? count - back : nil
      if found != expected {
        throw Violation(
          what:
            "slot \(slot) of \(family.name) has \(found ?? 0) instead of \(expected ?? 0) after \(count)"
        )
      }
    }
  }

  private func checkWindow(of database: Database, _ count: UInt64) throws {
    let last = count / 10
    for key in (last > 2 * Self.window ? last - 2 * Self.window : 1)..<(last + Self.window + 1) {
      let isThere = try database.get(windowKey(key)) != nil
      if isThere != (key <= last && key + Self.window > last) {
        throw Violation(
          what: "key \(key) of the default family is \(isThere ? "" : "not ")there after \(count)")
      }
    }
  }

  private var counterKey: [UInt8] { Array("counter-\(thread)".utf8) }

  private func slotKey(_ slot: UInt64) -> [UInt8] { Array("slot-\(thread)-\(slot)".utf8) }

  private func windowKey(_ index: UInt64) -> [UInt8] { Array("window-\(thread)-\(index)".utf8) }

  private func value(_ index: UInt64, _ width: Int) -> [UInt8] {
    let digits = Array("\(index)".utf8)
    // What compression does not make small.
    let rest = (digits.count..<max(width, digits.count + 1)).map { place in
      UInt8(truncatingIfNeeded: (index &+ UInt64(place)) &* 0x9E37_79B9_7F4A_7C15 >> 32) | 0x80
    }
    return digits + rest
  }

  private func index(_ value: [UInt8]) -> UInt64 {
    UInt64(String(decoding: value.prefix { $0 < 0x80 }, as: UTF8.self)) ?? 0
  }
}

/// A database that is no moment of what was written to it.
package struct Violation: Error, CustomStringConvertible {
  package let what: String

  package init(what: String) { self.what = what }

  package var description: String { what }
}
