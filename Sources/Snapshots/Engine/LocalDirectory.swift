// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import Synchronization
import SystemPackage

/// The directory in which one engine lets RocksDB make checkpoints, each to be removed soon.
///
/// It belongs to the engine that holds its lock: what lies there when that begins was left by one whose process died.
final class LocalDirectory: Sendable {
  let path: FilePath
  private let lock: FileLock
  private let flushes = Atomic<Int>(0)
  private static let flushPrefix = "flush-"

  /// - Throws: code `store(.busy)` when another engine uses it.
  init(_ path: FilePath) throws {
    let file = FilePath(path.string + ".lock")
    guard let lock = try FileLock(.exclusive, path: file) else {
      throw SnapshotError(
        .store(.busy),
        "'\(path)' is in use by another snapshot engine; end that, or name another working directory"
      )
    }
    self.path = path
    self.lock = lock
    try FileSystemCalls.makeDirectoryIfAbsent(path)
  }

  deinit {
    // What cannot be removed now is empty or left over, and the next engine takes it over.
    try? FileSystemCalls.removeDirectory(path)
    try? FileSystemCalls.unlinkIfPresent(lock.path)
  }

  func checkpoint(_ number: CheckpointNumber) -> FilePath {
    path.appending(number.directoryName)
  }

  /// Removes what an engine that did not end left there; what is not an engine's stays.
  ///
  /// - Returns: what was removed, each on a line.
  func prune() throws -> [String] {
    try DirectoryListing.names(in: path).compactMap { bytes in
      guard let name = String(validating: bytes, as: UTF8.self), Self.isOurs(name) else {
        return nil
      }
      return try remove(path.appending(name))
    }.sorted()
  }

  private static func isOurs(_ name: String) -> Bool {
    let name = name.hasSuffix(".tmp") ? name.dropLast(4) : name[...]
    return CheckpointNumber(directoryName: name) != nil || name.hasPrefix(flushPrefix)
  }

  /// A name, not yet used, for a checkpoint that is made for its flush alone.
  func newFlushDirectory() -> FilePath {
    let number = flushes.add(1, ordering: .relaxed).newValue
    return path.appending("\(Self.flushPrefix)\(number)")
  }

  /// Makes room for the checkpoint of this number, of which there may be a left-over.
  ///
  /// - Returns: what was removed, each on a line.
  func clear(for number: CheckpointNumber) throws -> [String] {
    // RocksDB makes it as the second and renames it. A directory in that one makes RocksDB fail for ever.
    try [checkpoint(number), FilePath(checkpoint(number).string + ".tmp")].compactMap(remove)
  }

  private func remove(_ path: FilePath) throws -> String? {
    guard try FileSystemCalls.exists(path) else { return nil }
    try FileSystemCalls.removeTree(path)
    return "removed '\(path)', which a snapshot that did not end had left"
  }
}
