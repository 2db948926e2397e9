// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// Finds the completed checkpoints below a directory.
///
/// The directory may be a job's, hold those of several jobs, or be one checkpoint or savepoint.
/// Symbolic links are not followed, but for those named as a checkpoint is, and what Flink fills with files is not looked into.
struct CheckpointDiscovery {
  /// Directories within one another; a job's lies two below in the usual configuration.
  private static let maximumDepth = 6

  let root: FilePath
  private(set) var found: [FoundCheckpoint] = []
  /// Directories that this process may not look into, or in which a link has the name of a checkpoint's file; what else fails,
  /// fails as a whole, since a job that vanished for a moment would empty its mirrors.
  private(set) var passedOver: [DamagedCheckpoint] = []

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
    for name in try DirectoryListing.names(in: directory) {
      guard let name = String(validating: name, as: UTF8.self) else { continue }
      let path = directory.appending(name)
      if let number = CheckpointNumber(directoryName: name) {
        if let status = try metadata(below: path) {
          add(history: relative, number: number.rawValue, path, status)
        }
        continue
      }
      // Beside the checkpoints of a job there may be savepoints, and other jobs. What vanishes meanwhile was dropped.
      guard Self.isSearched(path), try FileStatus(ifPresent: path)?.kind == .directory
      else { continue }
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

  private mutating func metadata(in directory: FilePath) throws(FileError) -> FileStatus? {
    let path = directory.appending(MetadataFile.name)
    do throws(FileError) {
      let status = try FileStatus(at: path)
      if status.kind == .symbolicLink {
        passOver(
          directory,
          "'\(path)' is a symbolic link, which is not followed; put the file itself there")
      }
      return status.kind == .regular ? status : nil
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw error
    }
  }

  private mutating func passOver(_ directory: FilePath, _ reason: String) {
    guard passedOver.last?.directory != directory else { return }
    passedOver.append(DamagedCheckpoint(directory: directory, message: reason, isTruncated: false))
  }

  /// Goes on without what vanished, or may not be looked at.
  private mutating func tolerate(_ error: FileError, _ directory: FilePath) throws(FileError) {
    switch error.errno {
    case .noSuchFileOrDirectory: break
    case .permissionDenied:
      passOver(
        directory,
        "cannot look into '\(directory)': \(error.errno); read it as its owner or as root")
    default: throw error
    }
  }

  /// Whether what lies in a directory is looked at. What Flink fills with files of state, of which there may be very many,
  /// is not.
  static func isSearched(_ directory: FilePath) -> Bool {
    guard let name = directory.lastComponent?.string else { return false }
    return !["shared", "taskowned", "dstl"].contains(name) && !name.hasPrefix(".")
  }
}
