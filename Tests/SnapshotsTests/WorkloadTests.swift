// SPDX-License-Identifier: Apache-2.0

import LiveWorkload
import RocksDB
import TestSupport
import Testing

/// That the check by which live snapshots are judged tells what is no moment.
@Suite struct WorkloadTests {
  private func database(_ bench: Bench, writes: UInt64) throws -> (Database, [ColumnFamily]) {
    let database = try Database(bench("db"), columnFamilies: Workload.families)
    let families = Workload.families.compactMap { database.columnFamily($0) }
    for index in 1...writes {
      try Workload(thread: 0).write(index, to: database, families)
    }
    return (database, families)
  }

  @Test("what was written whole is a moment, before and after the slots are written again")
  func whole() throws {
    for writes: UInt64 in [1, 500, 2500] {
      let (database, _) = try database(try Bench(), writes: writes)
      #expect(try Workload(thread: 0).check(database) == writes)
      #expect(try Workload(thread: 1).check(database) == 0)
    }
  }

  @Test("a hole, a half batch, and a deletion that is missing are violations")
  func violations() throws {
    let changes: [(Database, [ColumnFamily]) throws -> Void] = [
      { try $0.delete(bytes("slot-0-17"), in: $1[0]) },
      { try $0.delete(bytes("slot-0-417"), in: $1[1]) },
      { try $0.delete(bytes("counter-0"), in: $1[1]) },
      { try $0.put(bytes("slot-0-400"), bytes("400"), in: $1[0]) },
      { try $0.put(bytes("slot-0-600"), bytes("2600"), in: $1[1]) },
      { database, _ in try database.put(bytes("window-0-225"), bytes("x")) },
      { database, _ in try database.delete(bytes("window-0-250")) },
    ]
    for (number, change) in changes.enumerated() {
      let (database, families) = try database(try Bench(), writes: 2500)
      try change(database, families)
      #expect(throws: Violation.self, "change \(number)") {
        try Workload(thread: 0).check(database)
      }
    }
  }
}
