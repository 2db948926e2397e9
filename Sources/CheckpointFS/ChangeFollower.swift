// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import DurabilitySteps
internal import Fuse
internal import Logging
internal import Synchronization
internal import SystemPackage

/// Tells the kernel what changed in a source, so that it may keep everything else for long.
///
/// It remembers a name and a time of each history, nothing of checkpoints: a history's time changes with every checkpoint,
/// drop and tag. What a checkpoint changes beside its own names, the link counts of the files that it shares with others,
/// may be in a thousand places; so all names expire in one message, and are looked up when they are next used, or names and
/// counts hold for so short a time that nobody has to be told (``CacheTimes``).
final class ChangeFollower: Sendable {
  private struct State {
    var histories: [HistoryID: HistoryRecord]
    var isFollowing: Bool
  }

  /// How soon a source that could not be read is tried again.
  private static let retryPause: Duration = .milliseconds(500)
  /// How long after a change the kernel is told of it once more: a listing that was on its way to it when it was first told it has
  /// kept all the same.
  private static let settlingTime: Duration = .milliseconds(300)

  private let source: any Source
  private let watch: any SourceWatch
  private let logger: Logger
  private let state: Mutex<State>

  /// Follows from now on.
  ///
  /// - Returns: `nil` when the source cannot be watched.
  init?(_ source: any Source, _ logger: Logger) throws(SourceError) {
    guard let watch = try source.watch() else { return nil }
    self.source = source
    self.watch = watch
    self.logger = logger
    state = Mutex(State(histories: try source.allHistories(), isFollowing: true))
  }

  /// Whether the kernel will be told of what changes.
  var isFollowing: Bool { state.withLock { $0.isFollowing } }

  /// Tells the kernel of changes until ``end()``, on the thread that calls it.
  ///
  /// - Parameters:
  ///   - expiresNames: whether all names expire in one message at each change, where the kernel can.
  ///   - changed: called before the kernel is told.
  ///   - openFiles: the shared files that are open: no lookup refreshes what their descriptors tell.
  func run(
    _ notifier: Notifier, expiringNames expiresNames: Bool, changed: () -> Void,
    openFiles: () -> [Inode]
  ) {
    var settling: Set<HistoryID>?
    while true {
      do {
        let event = try watch.wait(
          atMost: isFollowing ? settling.map { _ in Self.settlingTime } : Self.retryPause)
        if event == .cancelled { return }
        if event == .timedOut, let told = settling.take() { try tell(notifier, of: told) }
        guard let histories = try changedHistories(event) else { continue }
        changed()
        settling = histories.union(settling ?? [])
        try tell(notifier, of: histories)
        if expiresNames, !Steps.isLeftOut(.expireNames) { try notifier.expireNames() }
        for file in openFiles() { try notifier.invalidateNode(NodeID(file), offset: -1) }
        resume()
      } catch {
        changed()
        lose(error, notifier, expiresNames)
      }
    }
  }

  func end() { watch.cancel() }

  /// - Returns: `nil` when nothing has changed and the kernel was told of all before.
  private func changedHistories(_ event: SourceEvent) throws(SourceError) -> Set<HistoryID>? {
    let current = try source.allHistories()
    return state.withLock { state in
      let known = state.histories
      let ids = Set(known.keys).union(current.keys)
      state.histories = current
      // What happened while the source could not be read is not known, nor what another one lacks: a catalog
      // made anew may have the same time for a history and one checkpoint less.
      let isAllDoubtful = !state.isFollowing || event == .replaced
      let changed = ids.filter { isAllDoubtful || known[$0] != current[$0] }
      return changed.isEmpty && state.isFollowing ? nil : changed
    }
  }

  private func resume() {
    let wasFollowing = state.withLock { state in
      defer { state.isFollowing = true }
      return state.isFollowing
    }
    if !wasFollowing { logger.notice("changes of the store are followed again") }
  }

  /// From here on answers expire by themselves, and those that were given to last are taken back.
  private func lose(_ error: any Error, _ notifier: Notifier, _ expiresNames: Bool) {
    let (wasFollowing, histories) = state.withLock { state in
      defer { state.isFollowing = false }
      return (state.isFollowing, Set(state.histories.keys))
    }
    guard wasFollowing else { return }
    logger.warning(
      "changes of the store cannot be followed for now, which makes listings slower: \(error)")
    // A kernel that cannot be told now is told of everything when the next attempt succeeds.
    try? tell(notifier, of: histories)
    if expiresNames { try? notifier.expireNames() }
  }

  private func tell(_ notifier: Notifier, of histories: Set<HistoryID>) throws(Errno) {
    var inodes: [Inode] = [.root, .control(.histories)]
    for id in histories {
      inodes += [.history(id), .latest(id), .tags(id), .byTime(id), .control(.history(id))]
    }
    if Steps.isLeftOut(.tellListings) { return }
    for inode in inodes { try notifier.invalidateNode(NodeID(inode)) }
  }
}

extension Source {
  fileprivate func allHistories() throws(SourceError) -> [HistoryID: HistoryRecord] {
    var all: [HistoryID: HistoryRecord] = [:]
    var last: HistoryID?
    while true {
      let portion = try histories(after: last, limit: CheckpointTree.portion)
      guard let end = portion.last else { return all }
      for record in portion { all[record.id] = record }
      last = end.id
    }
  }
}
