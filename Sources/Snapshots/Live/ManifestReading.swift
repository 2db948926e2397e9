// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB

/// What a try has read of a live database's MANIFEST: the next one goes on from there, if it meets the same file.
struct ManifestReading {
  private let replay: ManifestReplay
  private let file: FileStatus

  /// - Parameter file: the MANIFEST's, of before it was read.
  init(_ replay: ManifestReplay, _ file: FileStatus) {
    self.replay = replay
    self.file = file
  }

  /// - Returns: `nil` where the file is another one, or nobody can tell.
  func replay(of manifest: FileNumber, _ file: FileStatus) -> ManifestReplay? {
    guard replay.manifest == manifest, file.isOfSameFile(as: self.file),
      file.born != nil, file.born == self.file.born,
      file.size >= self.file.size
    else { return nil }
    return replay
  }
}
