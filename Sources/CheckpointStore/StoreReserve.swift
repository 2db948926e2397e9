// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Space kept back for making space: without a free block SQLite cannot even open its log, so a full
/// disk could not be freed by `drop` and `gc`, nor read.
struct StoreReserve {
  /// Enough for some drops, and for the first portion of a collection; on a small disk, a sixteenth of it does.
  static let greatest: UInt64 = 4 << 20
  /// Less would not serve anybody.
  private static let smallest: UInt64 = 512 << 10
  /// What opening the catalog takes, generously: SQLite's shared memory, a page of its log, a directory's block.
  private static let slice: UInt64 = 128 << 10
  /// With less than this available, the disk counts as full.
  private static let least: UInt64 = 1 << 20

  let path: FilePath

  init(_ layout: StoreLayout) {
    path = layout.reserve
  }

  /// Gives a part of the reserve to whoever is about to free space, if the disk is full: somebody else may take
  /// what comes free, and there must be more then.
  func spendIfNeeded() throws(FileError) {
    guard try isNeeded(), let file = try FileStatus(ifPresent: path) else { return }
    let part = max(file.size / 4, 2 * Self.slice)
    if file.size < 2 * part {
      try FileSystemCalls.unlinkIfPresent(path)
    } else {
      try FileSystemCalls.truncate(path, to: file.size - part)
    }
  }

  /// Whether the disk is full.
  func isNeeded() throws(FileError) -> Bool { try available() < Self.least }

  /// Whether anything is left of it.
  func isThere() throws(FileError) -> Bool { try FileSystemCalls.exists(path) }

  /// Gives a slice of the reserve to whoever could not even open the catalog. Usually it comes free again with the last
  /// who has the catalog open, and serves the next one, too; where somebody else fills the disk meanwhile, there are
  /// more.
  ///
  /// - Returns: whether there was one; half of the reserve is kept for freeing.
  func lend() throws(FileError) -> Bool {
    guard let file = try FileStatus(ifPresent: path),
      file.size >= min(try size() / 2, Self.greatest / 2) + Self.slice
    else { return false }
    try FileSystemCalls.truncate(path, to: file.size - Self.slice)
    return true
  }

  /// Takes a reserve again, unless that would take space that is wanted more.
  func refill() throws(FileError) {
    let found = try FileStatus(ifPresent: path)?.size ?? 0
    let wanted = try size()
    if found >= wanted || wanted < Self.smallest { return }
    if try available() < 4 * wanted { return }
    try FileSystemCalls.unlinkIfPresent(path)
    do throws(FileError) {
      try FileSystemCalls.allocate(path, bytes: wanted)
    } catch {
      switch error.errno {
      // Another process was faster, or the file system keeps no space back: then there is none to spend.
      case .fileExists, .notSupported, .noSpace, .invalidArgument: return
      default: throw error
      }
    }
  }

  /// How large it is to be on this disk.
  private func size() throws(FileError) -> UInt64 {
    let status = try status()
    return min(Self.greatest, status.blocks * status.blockSize / 16) & ~(Self.slice - 1)
  }

  private func available() throws(FileError) -> UInt64 {
    let status = try status()
    return status.availableBlocks * status.blockSize
  }

  private func status() throws(FileError) -> FileSystemStatus {
    try FileSystemStatus(at: path.removingLastComponent().orCurrent)
  }
}
