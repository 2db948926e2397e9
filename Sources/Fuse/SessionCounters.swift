// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a session has served since it began, counted by all its threads.
///
/// Whoever counts waits for nobody; whoever reads gets each number as it is at that moment.
package final class SessionCounters: Sendable {
  private let requests = Operation.allCases.map { _ in RequestCounters() }
  private let opens = InlineArray<3, Atomic<UInt64>> { _ in Atomic(0) }
  private let invalidations = InlineArray<3, Atomic<UInt64>> { _ in Atomic(0) }
  private let bytes = Atomic<UInt64>(0)

  package init() {
    precondition(
      opens.count == OpenKind.allCases.count
        && invalidations.count == InvalidationKind.allCases.count, "each kind has its counter")
  }

  package func requests(_ operation: Operation) -> RequestCounts {
    requests[operation.rawValue].snapshot
  }

  /// How many files were opened so.
  package func opens(_ kind: OpenKind) -> UInt64 {
    opens[kind.rawValue].load(ordering: .relaxed)
  }

  /// How many messages of this kind the kernel took.
  package func invalidations(_ kind: InvalidationKind) -> UInt64 {
    invalidations[kind.rawValue].load(ordering: .relaxed)
  }

  /// Bytes that answered reads: what the kernel reads by itself is not in it.
  package var readBytes: UInt64 { bytes.load(ordering: .relaxed) }

  func note(_ operation: Operation, _ outcome: Outcome, nanoseconds: UInt64) {
    requests[operation.rawValue].note(outcome, nanoseconds: nanoseconds)
  }

  func note(open kind: OpenKind) {
    opens[kind.rawValue].wrappingAdd(1, ordering: .relaxed)
  }

  func note(invalidation kind: InvalidationKind) {
    invalidations[kind.rawValue].wrappingAdd(1, ordering: .relaxed)
  }

  func note(readBytes count: Int) {
    bytes.wrappingAdd(UInt64(count), ordering: .relaxed)
  }
}
