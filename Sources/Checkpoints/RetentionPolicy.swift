// SPDX-License-Identifier: Apache-2.0

/// Which checkpoints of a history are kept: those that at least one rule keeps. The rules are restic's.
///
/// Pure: what is kept depends on the checkpoints alone, not on the time at which one asks, so a history that no
/// longer grows is never emptied. The checkpoint with the greatest number is always kept, and a tagged one unless
/// ``dropsTagged``.
public struct RetentionPolicy: Hashable, Sendable {
  /// So many that completed last.
  public var last: Int
  /// Of each of so many last hours (days, …) in which a checkpoint completed, the one that completed last.
  public var counts: [RetentionPeriod: Int]
  /// All that completed within this time before the last one that did.
  public var within: Duration?
  /// Those with a tag that matches one of these.
  public var tags: [TagPattern]
  /// Tagged checkpoints are treated as others, but for ``tags``.
  public var dropsTagged: Bool

  public init(
    last: Int = 0, counts: [RetentionPeriod: Int] = [:], within: Duration? = nil,
    tags: [TagPattern] = [], dropsTagged: Bool = false
  ) {
    self.last = last
    self.counts = counts
    self.within = within
    self.tags = tags
    self.dropsTagged = dropsTagged
  }

  /// No rule keeps anything: nobody means to drop all but the latest by saying nothing.
  public var isEmpty: Bool {
    last <= 0 && counts.values.allSatisfy { $0 <= 0 } && within == nil && tags.isEmpty
  }

  /// What becomes of each checkpoint, by number.
  public func decisions(
    for checkpoints: [RetentionCandidate]
  ) -> [RetentionDecision] {
    let newestFirst = checkpoints.sorted {
      ($0.completed, $0.number) > ($1.completed, $1.number)
    }
    var reasons: [CheckpointNumber: [RetentionReason]] = [:]
    if let latest = checkpoints.map(\.number).max() { reasons[latest] = [.latest] }
    for checkpoint in newestFirst.prefix(max(0, last)) {
      reasons[checkpoint.number, default: []].append(.last)
    }
    for period in RetentionPeriod.allCases {
      keep(counts[period] ?? 0, period, of: newestFirst, &reasons)
    }
    for checkpoint in newestFirst {
      reasons[checkpoint.number, default: []] += ownReasons(checkpoint, newest: newestFirst[0])
    }
    return checkpoints.sorted { $0.number < $1.number }
      .map { RetentionDecision(number: $0.number, reasons: reasons[$0.number] ?? []) }
  }

  /// Keeps the newest of each of `count` periods. While the history is shorter than that, its oldest is kept, too:
  /// else it would never grow as long as was asked for.
  private func keep(
    _ count: Int, _ period: RetentionPeriod, of newestFirst: [RetentionCandidate],
    _ reasons: inout [CheckpointNumber: [RetentionReason]]
  ) {
    var seen: Set<String> = []
    for (place, checkpoint) in newestFirst.enumerated() where seen.count < count {
      let name = period.name(of: checkpoint.completed)
      let isNewest = seen.insert(name).inserted
      if isNewest {
        reasons[checkpoint.number, default: []].append(.newest(period, name))
      } else if place == newestFirst.count - 1 {
        reasons[checkpoint.number, default: []].append(.oldest(period))
      }
    }
  }

  /// Why a checkpoint is kept whatever others there are beside it and the newest.
  private func ownReasons(
    _ checkpoint: RetentionCandidate, newest: RetentionCandidate
  ) -> [RetentionReason] {
    let age = newest.completed.nanoseconds - checkpoint.completed.nanoseconds
    let isYoung = within.map { .nanoseconds(age) <= $0 } ?? false
    let keptTags = checkpoint.tags.filter { tag in
      !dropsTagged || tags.contains { $0.matches(tag) }
    }
    return (isYoung ? [.within] : []) + keptTags.map(RetentionReason.tag)
  }
}

/// What a ``RetentionPolicy`` looks at of a checkpoint.
public struct RetentionCandidate: Hashable, Sendable {
  public let number: CheckpointNumber
  public let completed: Timestamp
  public let tags: [TagName]

  public init(number: CheckpointNumber, completed: Timestamp, tags: [TagName]) {
    self.number = number
    self.completed = completed
    self.tags = tags
  }
}

/// What becomes of a checkpoint, and why.
public struct RetentionDecision: Hashable, Sendable {
  public let number: CheckpointNumber
  /// Empty when no rule keeps it.
  public let reasons: [RetentionReason]

  public var isKept: Bool { !reasons.isEmpty }
}

/// Why a checkpoint is kept.
public enum RetentionReason: Hashable, Sendable, CustomStringConvertible {
  case latest
  case last
  /// The newest of this hour, day, week or month.
  case newest(RetentionPeriod, String)
  /// The oldest of a history that does not fill as many periods as are to be kept.
  case oldest(RetentionPeriod)
  case within
  case tag(TagName)

  public var description: String {
    switch self {
    case .latest: "latest"
    case .last: "last"
    case .newest(let period, let name): "\(period.rawValue) \(name)"
    case .oldest(let period): "oldest \(period.rawValue)"
    case .within: "within"
    case .tag(let name): "tag \(name)"
    }
  }
}
