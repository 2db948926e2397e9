// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Finds the completed checkpoints below a directory.
///
/// The directory may be a job's, hold those of several jobs, or be one checkpoint or savepoint.
/// Symbolic links are not followed, and what Flink fills with files is not looked into.
struct CheckpointDiscovery {
  /// Directories within one another; a job's lies two below in the usual configuration.
  private static let maximumDepth = 6

  let root: FilePath
  private(set) var found: [FoundCheckpoint] = []
  /// Directories that this process may not look into; what else fails, fails as a whole, since a job that
  /// vanished for a moment would empty its mirrors.
  private(set) var forbidden: [DamagedCheckpoint] = []

  init(root: FilePath) throws(FileError) {
    self.root = root
    let name = root.lastComponent?.string ?? ""
    if let status = try metadata(in: root) {
      let number = CheckpointNumber(directoryName: name)?.rawValue
      add(history: "", number: number, root, status)
    } else {
      try search(root, relative: "", depth: 0)
    }
  }

  private mutating func add(
    history: String, number: Int64?, _ directory: FilePath, _ status: FileStatus
  ) {
    found.append(
      FoundCheckpoint(history: history, number: number, directory: directory, status: status))
  }

  private mutating func search(
    _ directory: FilePath, relative: String, depth: Int
  ) throws(FileError) {
    let names = try DirectoryListing.names(in: directory).compactMap {
      String(validating: $0, as: UTF8.self)
    }
    let numbers = names.compactMap { CheckpointNumber(directoryName: $0) }
    for number in numbers {
      let path = directory.appending(number.directoryName)
      if let status = try metadata(below: path) {
        add(history: relative, number: number.rawValue, path, status)
      }
    }
    // Beside the checkpoints of a job there may be savepoints, and other jobs.
    for name in names
    where Self.isWorthLooking(name) && CheckpointNumber(directoryName: name) == nil {
      let path = directory.appending(name)
      // What vanishes meanwhile is a checkpoint that was dropped.
      guard try FileStatus(ifPresent: path)?.kind == .directory else { continue }
      let inner = relative.isEmpty ? name : "\(relative)/\(name)"
      if let status = try metadata(below: path) {
        add(history: inner, number: nil, path, status)
      } else if depth < Self.maximumDepth {
        try searchIfPresent(path, relative: inner, depth: depth + 1)
      }
    }
  }

  private mutating func searchIfPresent(
    _ directory: FilePath, relative: String, depth: Int
  ) throws(FileError) {
    do throws(FileError) {
      try search(directory, relative: relative, depth: depth)
    } catch {
      try tolerate(error, directory)
    }
  }

  /// - Returns: `nil` as well where one may not look.
  private mutating func metadata(below directory: FilePath) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      return try metadata(in: directory)
    } catch {
      try tolerate(error, directory)
      return nil
    }
  }

  /// Goes on without what vanished, or may not be looked at.
  private mutating func tolerate(_ error: FileError, _ directory: FilePath) throws(FileError) {
    switch error.errno {
    case .noSuchFileOrDirectory: break
    case .permissionDenied:
      guard forbidden.last?.directory != directory else { return }
      forbidden.append(
        DamagedCheckpoint(
          directory: directory,
          message:
            "cannot look into '\(directory)': \(error.errno); read it as its owner or as root",
          isTruncated: false))
    default: throw error
    }
  }

  private func metadata(in directory: FilePath) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      let status = try FileStatus(at: directory.appending(MetadataFile.name))
      return status.kind == .regular ? status : nil
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw error
    }
  }

  /// What Flink fills with files of state, of which there may be very many, is not.
  private static func isWorthLooking(_ name: String) -> Bool {
    !["shared", "taskowned", "dstl"].contains(name) && !name.hasPrefix(".")
  }

  /// How discovery treats a directory that it meets, as somebody must know who walks into all of them.
  struct Reach {
    /// Whether a `_metadata` in it is found.
    let isFound: Bool
    /// Whether directories in it are, if it has no `_metadata`.
    private let isSearched: Bool
    private let depth: Int

    static let root = Reach(isFound: true, isSearched: true, depth: 0)

    /// That of a directory in this one.
    ///
    /// - Parameter hasMetadata: whether this one has a `_metadata`.
    func below(_ name: [UInt8], hasMetadata: Bool) -> Reach {
      guard isSearched, !hasMetadata, let name = String(validating: name, as: UTF8.self) else {
        return Reach(isFound: false, isSearched: false, depth: depth + 1)
      }
      let isCheckpoint = CheckpointNumber(directoryName: name) != nil
      let isWorthLooking = CheckpointDiscovery.isWorthLooking(name)
      return Reach(
        isFound: isCheckpoint || isWorthLooking,
        isSearched: !isCheckpoint && isWorthLooking && depth < CheckpointDiscovery.maximumDepth,
        depth: depth + 1)
    }
  }
}
