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
  /// Directories that this process may not look into; what else fails, fails as a whole, since a job that
  /// vanished for a moment would empty its mirrors.
  private(set) var forbidden: [DamagedCheckpoint] = []

  init(root: FilePath) throws(FileError) {
    self.root = root
    let name = root.lastComponent?.string ?? ""
    if let status = try Self.metadata(in: root) {
      let number = CheckpointNumber(directoryName: name)?.rawValue
      add(history: "", number: number, root, status)
    } else {
      try search(root, relative: "", .root)
    }
  }

  private mutating func add(
    history: String, number: Int64?, _ directory: FilePath, _ status: FileStatus
  ) {
    found.append(
      FoundCheckpoint(history: history, number: number, directory: directory, status: status))
  }

  private mutating func search(
    _ directory: FilePath, relative: String, _ reach: Reach
  ) throws(FileError) {
    for name in try DirectoryListing.names(in: directory) {
      let path = directory.appending(bytes: name)
      switch reach.below(name) {
      case .checkpoint(let number):
        if let status = try metadata(below: path) {
          add(history: relative, number: number.rawValue, path, status)
        }
      // Beside the checkpoints of a job there may be savepoints, and other jobs.
      case .directory(let depth):
        // What vanishes meanwhile is a checkpoint that was dropped.
        guard try FileStatus(ifPresent: path)?.kind == .directory else { continue }
        let text = String(decoding: name, as: UTF8.self)
        let inner = relative.isEmpty ? text : "\(relative)/\(text)"
        if let status = try metadata(below: path) {
          add(history: inner, number: nil, path, status)
        } else if depth <= Self.maximumDepth {
          try searchIfPresent(path, relative: inner, .directory(depth: depth))
        }
      case .unseen: break
      }
    }
  }

  private mutating func searchIfPresent(
    _ directory: FilePath, relative: String, _ reach: Reach
  ) throws(FileError) {
    do throws(FileError) {
      try search(directory, relative: relative, reach)
    } catch {
      try tolerate(error, directory)
    }
  }

  /// The status of the `_metadata` in a directory, if that holds a completed checkpoint.
  static func metadata(in directory: FilePath) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      let status = try FileStatus(at: directory.appending(MetadataFile.name))
      return status.kind == .regular ? status : nil
    } catch {
      if error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw error
    }
  }

  /// - Returns: `nil` as well where one may not look.
  private mutating func metadata(below directory: FilePath) throws(FileError) -> FileStatus? {
    do throws(FileError) {
      return try Self.metadata(in: directory)
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

  /// How discovery takes what lies in a directory, which whoever walks into all of them must know.
  enum Reach {
    /// It may be a checkpoint of the job that it lies in; nothing below it is one.
    case checkpoint(CheckpointNumber)
    /// It may be a savepoint. If not, what is in it is looked at in turn, down to a depth.
    case directory(depth: Int)
    /// What Flink fills with files of state, of which there may be very many, or what is hidden.
    case unseen

    static let root = Reach.directory(depth: 0)

    /// That of what is called `name` in this one, if this one has no `_metadata`.
    func below(_ name: [UInt8]) -> Reach {
      guard case .directory(let depth) = self, depth <= CheckpointDiscovery.maximumDepth,
        let name = String(validating: name, as: UTF8.self)
      else { return .unseen }
      if let number = CheckpointNumber(directoryName: name) { return .checkpoint(number) }
      let isFilled = ["shared", "taskowned", "dstl"].contains(name)
      return isFilled || name.hasPrefix(".") ? .unseen : .directory(depth: depth + 1)
    }
  }
}
