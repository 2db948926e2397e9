// SPDX-License-Identifier: Apache-2.0

/// Where the bytes of a part of the state are.
package indirect enum StreamHandle: Hashable, Sendable {
  /// In `_metadata` itself, because they were few.
  case inline(InlineState)
  case file(StateFile)
  /// A file beside the `_metadata` that is being read.
  case relativeFile(RelativeStateFile)
  /// A part of a file that holds many.
  case segment(FileSegment)
  case emptySegment
  /// A handle of the first releases: a delegate with one position per key group.
  case keyGroups(KeyGroupRange, OffsetList, StreamHandle)

  /// In bytes.
  package var size: UInt64 {
    switch self {
    case .inline(let state): state.content.count
    case .file(let file): file.size
    case .relativeFile(let file): file.size
    case .segment(let segment): segment.size
    case .emptySegment: 0
    case .keyGroups(_, _, let delegate): delegate.size
    }
  }
}
