// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import LinuxFiles
import SystemPackage

/// What is mounted where; both paths are absolute.
struct MountPlace {
  let store: FilePath
  let point: FilePath

  /// The store that a command's SOURCE names.
  static func store(named source: String) throws -> FilePath {
    if source.hasPrefix("flink:") {
      throw Failure(
        .usage, "usage",
        "'\(source)': this version of ckptfs mounts stores only; give a store's directory")
    }
    return try FilePath(argument: source).absolute
  }
}

extension FilePath {
  /// The path without links, also of a mount whose process died: that cannot be looked at, but its parent can.
  var resolvedMountPoint: FilePath {
    get throws(FileError) {
      do throws(FileError) {
        return try FileSystemCalls.resolve(self)
      } catch {
        let path = absolute.lexicallyNormalized()
        guard error.errno != .noSuchFileOrDirectory, let name = path.lastComponent else {
          throw error
        }
        return try FileSystemCalls.resolve(path.removingLastComponent()).appending(name)
      }
    }
  }

  /// The path as it is from anywhere.
  var absolute: FilePath {
    isAbsolute ? self : FilePath(FileManager.default.currentDirectoryPath).pushing(self)
  }
}
