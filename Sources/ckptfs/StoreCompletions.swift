// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import FoundationEssentials
import SystemPackage

extension CompletionKind {
  /// The names of the store's histories.
  static var history: CompletionKind {
    .custom { words, _, _ in StoreCompletions(words).names { [$0.history] } }
  }

  /// `orders/latest`, `orders/chk-42`, `orders/tags/before-upgrade`.
  static var checkpoint: CompletionKind {
    .custom { words, _, prefix in
      StoreCompletions(words, prefix).names { try $0.checkpoints() + $0.tags() }
    }
  }

  /// `orders/chk-43`, which waits for shards.
  static var pendingCheckpoint: CompletionKind {
    .custom { words, _, _ in StoreCompletions(words).pending }
  }

  /// `orders/tags/before-upgrade`.
  static var tag: CompletionKind {
    .custom { words, _, prefix in StoreCompletions(words, prefix).names { try $0.tags() } }
  }

  /// A history or a checkpoint.
  static var historyOrCheckpoint: CompletionKind {
    .custom { words, _, prefix in
      StoreCompletions(words, prefix).names { try [$0.history] + $0.checkpoints() + $0.tags() }
    }
  }
}

/// What a shell offers for a half-typed name of something in the store.
private struct StoreCompletions {
  /// The names that one history contributes.
  struct Names {
    /// The newest are those that somebody types; nobody reads through more.
    private static let limit = 200

    let store: Store
    let record: HistoryRecord

    var history: String { record.name.rawValue }

    func checkpoints() throws -> [String] {
      let newest = try store.checkpoints(of: record).suffix(Self.limit).reversed()
      return (newest.isEmpty ? [] : ["\(history)/latest"])
        + newest.map { "\(history)/\($0.number.directoryName)" }
    }

    func tags() throws -> [String] {
      try store.tags(of: record).suffix(Self.limit).map { "\(history)/tags/\($0.name)" }
    }
  }

  private let words: [String]
  /// What was typed of the history's name when a slash follows it.
  private let typedHistory: Substring?

  init(_ words: [String], _ prefix: String = "") {
    self.words = words
    typedHistory = prefix.contains("/") ? prefix.split(separator: "/").first : nil
  }

  /// Nothing, where the store cannot be read: a shell shows no error amid a line that is being typed, and the
  /// command itself will tell.
  func names(_ list: (Names) throws -> [String]) -> [String] {
    guard let store else { return [] }
    let histories = (try? store.histories()) ?? []
    return histories.filter { isTyped($0.name.rawValue) }
      .flatMap { (try? list(Names(store: store, record: $0))) ?? [] }
  }

  /// The newest first.
  var pending: [String] {
    guard let store else { return [] }
    return ((try? store.pendingShards()) ?? []).reversed().map { "\($0.reference)" }
  }

  private var store: Store? { storePath.flatMap { try? Store(at: $0) } }

  private func isTyped(_ history: String) -> Bool {
    guard let typedHistory else { return true }
    return history == typedHistory
  }

  /// As ``StoreOptions`` finds it, from words that are no command yet.
  private var storePath: FilePath? {
    if let index = words.lastIndex(of: "--store"), index + 1 < words.count {
      return FilePath(words[index + 1])
    }
    let option = "--store="
    if let word = words.last(where: { $0.hasPrefix(option) }) {
      return FilePath(String(word.dropFirst(option.count)))
    }
    return ProcessInfo.processInfo.environment["CKPTFS_STORE"].map { FilePath($0) }
  }
}
