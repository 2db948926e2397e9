// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Space kept back for making space: without a free block SQLite cannot even open its log, so a full
/// disk could not be freed by `drop` and `gc`, nor read.
struct StoreReserve {
  /// Enough for a drop, and for the first portion of a collection.
  static let size: UInt64 = 4 << 20
  /// What opening the catalog takes, generously: SQLite's shared memory, a page of its log, a directory's block.
  private static let slice: UInt64 = 128 << 10
  /// Below this nothing is lent any more.
  private static let leastForFreeing = size / 2
  /// With less than this available, the disk counts as full.
  private static let least: UInt64 = 1 << 20

  let path: FilePath

  init(_ layout: StoreLayout) {
    path = layout.reserve
  }

  /// Gives the reserve to whoever is about to free space, if the disk is full.
  func spendIfNeeded() throws(FileError) {
    if try isNeeded() { try FileSystemCalls.unlinkIfPresent(path) }
  }

  /// Whether the disk is full.
  func isNeeded() throws(FileError) -> Bool { try available() < Self.least }

  /// Gives a slice of the reserve to whoever could not even open the catalog. Usually it comes free again with the last
  /// who has the catalog open, and serves the next one, too; where somebody else fills the disk meanwhile, there are
  /// more.
  ///
  /// - Returns: whether there was one.
  func lend() throws(FileError) -> Bool {
    guard let file = try FileStatus(ifPresent: path),
      file.size >= Self.leastForFreeing + Self.slice
    else { return false }
    try FileSystemCalls.truncate(path, to: file.size - Self.slice)
    return true
  }

  /// Takes a reserve again, unless that would take space that is wanted more.
  func refill() throws(FileError) {
    if let file = try FileStatus(ifPresent: path), file.size == Self.size { return }
    if try available() < 16 * Self.size { return }
    try FileSystemCalls.unlinkIfPresent(path)
    do throws(FileError) {
      try FileSystemCalls.allocate(path, bytes: Self.size)
    } catch {
      switch error.errno {
      // Another process was faster, or the file system keeps no space back: then there is none to spend.
      case .fileExists, .notSupported, .noSpace, .invalidArgument: return
      default: throw error
      }
    }
  }

  private func available() throws(FileError) -> UInt64 {
    let status = try FileSystemStatus(at: path.removingLastComponent().orCurrent)
    return status.availableBlocks * status.blockSize
  }
}
