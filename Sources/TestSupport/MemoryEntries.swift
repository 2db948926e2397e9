// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// The entries of one checkpoint in a ``MemorySource``, in the order that `EntryRecord` demands.
package struct MemoryEntries: Sendable {
  package let entries: [Entry]
  private let ordinals: [EntryPath: Int]
  private let directories: [EntryPath?: [Int]]

  /// - Parameter files: the directories that hold them are added.
  package init(files: [Entry]) {
    var directories: Set<EntryPath> = []
    for file in files {
      var parent = file.path.parent
      while let directory = parent, directories.insert(directory).inserted {
        parent = directory.parent
      }
    }
    let all = files + directories.map { Entry(path: $0, kind: .directory) }
    self.init(ordered: all.filter { !$0.isShared }.sortedByPath + files.shared.sortedByPath)
  }

  private init(ordered entries: [Entry]) {
    self.entries = entries
    ordinals = Dictionary(
      uniqueKeysWithValues: entries.enumerated().map { ($1.path, $0) })
    directories = Dictionary(grouping: entries.indices) { entries[$0].path.parent }
  }

  func ordinal(of path: EntryPath) -> Int? { ordinals[path] }

  func ordinals(in directory: EntryPath?, from ordinal: Int, limit: Int) -> [Int] {
    Array((directories[directory] ?? []).lazy.filter { $0 >= ordinal }.prefix(limit))
  }
}

extension [Entry] {
  fileprivate var sortedByPath: [Entry] { sorted { $0.path < $1.path } }
  fileprivate var shared: [Entry] { filter(\.isShared) }
}
