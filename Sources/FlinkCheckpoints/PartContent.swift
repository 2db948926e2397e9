// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata
import SystemPackage

/// Where the bytes of a part are, after handles within handles.
enum PartContent: Hashable {
  case file(FileTable.Reference)
  case metadata(MetadataRange)
  case empty

  /// - Parameter directory: of the checkpoint.
  init(_ part: StatePart, in directory: FilePath) {
    switch part.source {
    case .range(let range): self = .metadata(range)
    case .handle(let handle): self.init(handle, in: directory, mayBeLonger: part.mayBeLonger)
    }
  }

  private init(_ handle: StreamHandle, in directory: FilePath, mayBeLonger: Bool) {
    switch handle {
    case .inline(let state): self = .metadata(state.content)
    case .file(let file):
      self = .file(
        FileTable.Reference(
          directory: nil, path: file.path, start: 0, size: file.size, isPart: mayBeLonger))
    case .relativeFile(let file):
      self = .file(
        FileTable.Reference(
          directory: directory, path: file.path, start: 0, size: file.size, isPart: mayBeLonger))
    case .segment(let segment):
      self = .file(
        FileTable.Reference(
          directory: nil, path: segment.path, start: segment.start, size: segment.size,
          isPart: true))
    case .emptySegment: self = .empty
    case .keyGroups(_, _, let delegate):
      self.init(delegate, in: directory, mayBeLonger: mayBeLonger)
    }
  }
}
