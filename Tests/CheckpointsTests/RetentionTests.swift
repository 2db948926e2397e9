// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

/// The rules are restic's, so the expectations of the first tests are what restic keeps.
@Suite("What a retention policy keeps")
struct RetentionTests {
  /// 2026-11-20 (a Friday) 00:00 UTC.
  private static let friday: Int64 = 1_795_132_800

  private func candidate(
    _ number: Int64, _ hours: Int64, _ tags: String...
  ) throws -> RetentionCandidate {
    RetentionCandidate(
      number: try #require(CheckpointNumber(rawValue: number)),
      completed: Timestamp(seconds: Self.friday + hours * 3600, nanoseconds: number),
      tags: try tags.map { try TagName($0) })
  }

  /// One every six hours, from Friday on.
  private func everySixHours(_ count: Int64) throws -> [RetentionCandidate] {
    try (1...count).map { try candidate($0, ($0 - 1) * 6) }
  }

  private func kept(
    _ candidates: [RetentionCandidate], _ policy: RetentionPolicy
  ) -> [Int64] {
    policy.decisions(for: candidates).filter(\.isKept).map(\.number.rawValue)
  }

  @Test("Without a rule the policy is empty, and so it is with zeros")
  func empty() throws {
    #expect(RetentionPolicy().isEmpty)
    #expect(RetentionPolicy(counts: [.daily: 0]).isEmpty)
    #expect(!RetentionPolicy(last: 1).isEmpty)
    #expect(!RetentionPolicy(within: .zero).isEmpty)
    #expect(try !RetentionPolicy(tags: [TagPattern("x")]).isEmpty)
    #expect(RetentionPolicy(last: 1).decisions(for: []).isEmpty)
  }

  @Test(
    "keep-last keeps those that completed last, whatever their numbers; the greatest number stays too"
  )
  func last() throws {
    #expect(kept(try everySixHours(10), RetentionPolicy(last: 3)) == [8, 9, 10])
    let outOfOrder = [try candidate(9, 0), try candidate(7, 1), try candidate(8, 2)]
    #expect(kept(outOfOrder, RetentionPolicy(last: 1)) == [8, 9])
  }

  @Test(
    "Of each of the last hours, days, weeks and months the newest is kept; empty ones are not counted"
  )
  func buckets() throws {
    let days = try everySixHours(12)
    #expect(kept(days, RetentionPolicy(counts: [.daily: 2])) == [8, 12])
    let withGap = [
      try candidate(1, 0), try candidate(2, 1), try candidate(3, 500), try candidate(4, 501),
    ]
    #expect(kept(withGap, RetentionPolicy(counts: [.daily: 2])) == [2, 4])
    #expect(kept(withGap, RetentionPolicy(counts: [.hourly: 2])) == [3, 4])
    // Friday and Sunday are in one week, Monday begins the next.
    let week = [try candidate(1, 0), try candidate(2, 71), try candidate(3, 72)]
    #expect(kept(week, RetentionPolicy(counts: [.weekly: 2])) == [2, 3])
    // November ends with hour 263.
    let months = [try candidate(1, 0), try candidate(2, 263), try candidate(3, 264)]
    #expect(kept(months, RetentionPolicy(counts: [.monthly: 2])) == [2, 3])
  }

  @Test("A history shorter than asked for keeps its oldest")
  func oldest() throws {
    let day = try everySixHours(3)
    #expect(kept(day, RetentionPolicy(counts: [.daily: 7])) == [1, 3])
    #expect(kept(day, RetentionPolicy(counts: [.daily: 1])) == [3])
    let decision = RetentionPolicy(counts: [.daily: 7]).decisions(for: day)[0]
    #expect(decision.reasons == [.oldest(.daily)])
  }

  @Test("keep-within counts back from the newest, both ends included")
  func within() throws {
    let candidates = [try candidate(1, 0), try candidate(2, 6), try candidate(3, 12)]
    let exactly = Duration.seconds(6 * 3600) + .nanoseconds(1)
    #expect(kept(candidates, RetentionPolicy(within: exactly)) == [2, 3])
    #expect(kept(candidates, RetentionPolicy(within: exactly - .nanoseconds(1))) == [3])
  }

  @Test("Tagged ones are kept, unless they may be dropped and no pattern names them")
  func tags() throws {
    let candidates = [
      try candidate(1, 0, "gold-1"), try candidate(2, 6, "silver"), try candidate(3, 12),
      try candidate(4, 18),
    ]
    #expect(kept(candidates, RetentionPolicy(last: 1)) == [1, 2, 4])
    let pattern = try TagPattern("gold-*")
    #expect(kept(candidates, RetentionPolicy(tags: [pattern], dropsTagged: true)) == [1, 4])
    #expect(kept(candidates, RetentionPolicy(last: 1, dropsTagged: true)) == [4])
  }

  @Test("Each decision tells its reasons")
  func reasons() throws {
    let policy = RetentionPolicy(
      last: 1, counts: [.hourly: 1, .daily: 1, .weekly: 1, .monthly: 1], within: .seconds(1))
    let decisions = policy.decisions(
      for: [try candidate(1, 0, "x"), try candidate(2, 14)])
    #expect(decisions[0].reasons.map(\.description) == ["tag x"])
    #expect(
      decisions[1].reasons.map(\.description) == [
        "latest", "last", "hourly 2026-11-20T14", "daily 2026-11-20", "weekly 2026-W47",
        "monthly 2026-11", "within",
      ])
  }

  @Test(
    "A week belongs to the year that its Thursday is in",
    arguments: [
      (1_767_139_200, "2026-W01"),  // Wednesday, 2025-12-31
      (1_767_225_600, "2026-W01"),  // Thursday, 2026-01-01
      (1_609_459_200, "2020-W53"),  // Friday, 2021-01-01
      (1_609_718_399, "2020-W53"),  // Sunday, 2021-01-03 23:59:59
      (1_609_718_400, "2021-W01"),  // the second after
      (951_782_400, "2000-W09"),  // 2000-02-29
    ] as [(Int64, String)])
  func weeks(_ seconds: Int64, _ name: String) throws {
    let decision = RetentionPolicy(counts: [.weekly: 1]).decisions(
      for: [
        RetentionCandidate(
          number: .greatest, completed: Timestamp(seconds: seconds, nanoseconds: 0), tags: [])
      ])
    #expect(decision[0].reasons.last?.description == "weekly \(name)")
  }

  @Test(
    "A pattern matches as in a shell",
    arguments: [
      ("*", "a", true), ("a*", "abc", true), ("a*", "ba", false), ("*c", "abcc", true),
      ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXcYb", false), ("a?c", "abc", true),
      ("a?c", "ac", false), ("abc", "abc", true), ("abc", "abcd", false), ("ab**", "ab", true),
      ("*ab?", "abab1", true),
    ])
  func patterns(_ pattern: String, _ name: String, _ matches: Bool) throws {
    #expect(try TagPattern(pattern).matches(TagName(name)) == matches)
  }

  @Test("A pattern that no tag can match is refused", arguments: ["", "a/b", ".x*", "chk-*"])
  func hopelessPatterns(_ text: String) {
    #expect(throws: InvalidName.self) { try TagPattern(text) }
  }

  @Test(
    "The latest always stays, a second prune drops nothing, and more of a count never keeps less")
  func properties() throws {
    var generator = SeededGenerator(seed: 20_261_122)
    for round in 0..<400 {
      let candidates = try randomHistory(&generator)
      let policy = try randomPolicy(&generator)
      let kept = Set(kept(candidates, policy))
      let latest = try #require(candidates.map(\.number.rawValue).max())
      #expect(kept.contains(latest), "round \(round)")
      let rest = candidates.filter { kept.contains($0.number.rawValue) }
      #expect(Set(self.kept(rest, policy)) == kept, "round \(round): \(policy)")
      for larger in more(policy) {
        #expect(
          kept.isSubset(of: self.kept(candidates, larger)), "round \(round): \(policy) \(larger)")
      }
    }
  }

  private func randomHistory(
    _ generator: inout SeededGenerator
  ) throws -> [RetentionCandidate] {
    let step = Int64.random(in: 1...200_000, using: &generator)
    var time: Int64 = 0
    var candidates: [RetentionCandidate] = []
    // Numbers in any order: checkpoints may complete out of order.
    for number in (1...Int64.random(in: 1...60, using: &generator)).shuffled(using: &generator) {
      time += Int64.random(in: 1...step, using: &generator)
      let isTagged = Int.random(in: 0..<10, using: &generator) == 0
      candidates.append(
        RetentionCandidate(
          number: try #require(CheckpointNumber(rawValue: number)),
          completed: Timestamp(seconds: Self.friday + time, nanoseconds: 0),
          tags: isTagged ? [try TagName(Bool.random(using: &generator) ? "gold" : "silver")] : []))
    }
    return candidates.shuffled(using: &generator)
  }

  private func randomPolicy(_ generator: inout SeededGenerator) throws -> RetentionPolicy {
    var policy = RetentionPolicy(dropsTagged: Bool.random(using: &generator))
    policy.last = Int.random(in: 0...5, using: &generator)
    for period in RetentionPeriod.allCases {
      policy.counts[period] = Int.random(in: 0...6, using: &generator)
    }
    if Bool.random(using: &generator) {
      policy.within = .seconds(Int.random(in: 0...1_000_000, using: &generator))
    }
    if Bool.random(using: &generator) { policy.tags = [try TagPattern("g*")] }
    return policy
  }

  private func more(_ policy: RetentionPolicy) -> [RetentionPolicy] {
    var results: [RetentionPolicy] = []
    func add(_ change: (inout RetentionPolicy) -> Void) {
      var larger = policy
      change(&larger)
      results.append(larger)
    }
    add { $0.last += 1 }
    for period in RetentionPeriod.allCases { add { $0.counts[period, default: 0] += 1 } }
    add { $0.within = ($0.within ?? .zero) + .seconds(100_000) }
    add { $0.dropsTagged = false }
    return results
  }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
