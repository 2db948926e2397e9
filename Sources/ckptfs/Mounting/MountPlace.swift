// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import LinuxFiles
import SystemPackage

/// What is mounted where.
struct MountPlace {
  let source: SourceArgument
  /// Absolute.
  let point: FilePath
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
