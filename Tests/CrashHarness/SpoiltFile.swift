// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// A content's file that is something else for a moment.
struct SpoiltFile {
  private let path: FilePath
  private let aside: FilePath
  private let before: FileStatus

  init(_ path: FilePath) throws {
    self.path = path
    aside = FilePath("\(path)-aside")
    before = try FileStatus(at: path)
  }

  func spoil(_ damage: BlobDamage) throws {
    switch damage {
    case .touched: try setModified(before.modified + 1_000_000_000)
    case .missing: try FileSystemCalls.rename(path, to: aside)
    case .longer: try FileTree.append([0], to: path)
    }
  }

  func mend(_ damage: BlobDamage) throws {
    switch damage {
    case .touched: break
    case .missing: try FileSystemCalls.rename(aside, to: path)
    case .longer: try FileSystemCalls.truncate(path, to: before.size)
    }
    try setModified(before.modified)
  }

  private func setModified(_ nanoseconds: Int64) throws {
    let file = try FileSystemCalls.open(path, .readOnly)
    try file.setModified(nanoseconds, path: path)
    try file.close(reporting: path)
  }
}
