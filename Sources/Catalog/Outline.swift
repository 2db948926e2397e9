// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// Where the pages of a checkpoint begin: enough to find the one that has an ordinal or a path.
struct Outline: Sendable {
  struct Element: Sendable {
    let stream: PageStream
    let first: EntryPath
    let page: Int64
    /// The ordinal of the page's first entry.
    let start: Int
    let count: Int
  }

  let owner: Ownership
  let elements: [Element]

  /// The place in `elements` of the page that holds `ordinal`; past the end when none does.
  func place(of ordinal: Int) -> Int {
    var (low, high) = (0, elements.count)
    while low < high {
      let middle = (low + high) / 2
      if elements[middle].start + elements[middle].count <= ordinal {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// The page of each stream that holds `path` if any does.
  func candidates(for path: EntryPath) -> [Element] {
    PageStream.allCases.compactMap { stream in
      elements.last { $0.stream == stream && $0.first <= path }
    }
  }

  /// Whether the page at `place` can hold an entry directly or deeper in `directory`.
  func mayHold(_ directory: EntryPath?, at place: Int) -> Bool {
    guard let directory else { return true }
    let lower = directory.bytes + [UInt8(ascii: "/")]
    let upper = directory.bytes + [UInt8(ascii: "/") + 1]
    let element = elements[place]
    if !element.first.bytes.lexicographicallyPrecedes(upper) { return false }
    let next = place + 1
    guard next < elements.count, elements[next].stream == element.stream else { return true }
    return lower.lexicographicallyPrecedes(elements[next].first.bytes)
  }
}
