// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import SystemPackage
import TestSupport
import Testing

@Suite("Deadlines")
struct DeadlineTests {
  private let start = BootTime(boot: "one", nanoseconds: 1_000_000_000_000)

  private func later(_ seconds: Int64) -> BootTime {
    BootTime(boot: "one", nanoseconds: start.nanoseconds + seconds * 1_000_000_000)
  }

  @Test(
    "One passes when its period is over, and after a restart of the machine when it is over again")
  func passes() {
    let deadline = Deadline(.seconds(60), from: start)
    #expect(deadline.remaining(at: start) == .seconds(60))
    #expect(deadline.remaining(at: later(59)) == .seconds(1))
    #expect(deadline.remaining(at: later(60)) == .zero)
    #expect(deadline.remaining(at: later(70)) == .seconds(-10))
    let restarted = BootTime(boot: "two", nanoseconds: 5_000_000_000)
    #expect(deadline.remaining(at: restarted) == .seconds(55))
  }

  @Test("The longest period is no deadline at all, and overflows nothing")
  func forever() {
    let deadline = Deadline(.seconds(Int64.max), from: start)
    #expect(deadline.remaining(at: later(1_000_000_000)) > .seconds(1_000_000_000))
  }

  @Test("Only what is past its deadline is given up; its number is not given again")
  func catalog() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.path.appending("catalog.sqlite")
    var generator = SystemRandomNumberGenerator()
    try SQLiteCatalog.create(at: path, store: StoreID(random: &generator))
    let catalog = try SQLiteCatalog(at: path)
    func gather(_ seconds: Int64, at moment: BootTime) throws -> Gathering {
      let request = GatheringRequest(
        history: try HistoryName("a"), number: nil, shards: [try ShardName("x")],
        owner: OwnerToken(), period: .seconds(seconds))
      let beginning = try catalog.gather(
        request, now: Timestamp(nanoseconds: 1), at: moment, isAlive: { _ in false })
      guard case .begun(let gathering) = beginning else {
        throw CatalogError(.exists, "it was begun before")
      }
      return gathering
    }
    let short = try gather(10, at: start)
    let long = try gather(100, at: start)
    #expect(try catalog.owners().isEmpty, "no lock tells whether they live")
    #expect(try catalog.expired(at: later(9)).isEmpty)
    #expect(try catalog.expired(at: later(10)) == [short.pending.owner])
    _ = try catalog.collect(dead: catalog.expired(at: later(10)), after: nil, limit: 10)
    #expect(try catalog.gatherings() == [long])
    #expect(try catalog.wasGivenUp(short.pending.number, of: HistoryName("a")))
    let next = try gather(1, at: later(100))
    #expect(next.pending.number.rawValue == 3)
    #expect(try catalog.gatherings() == [next], "beginning gives up what is over")
    try catalog.expire(at: later(200))
    #expect(try catalog.gatherings().isEmpty && catalog.inconsistencies().isEmpty)
  }
}
