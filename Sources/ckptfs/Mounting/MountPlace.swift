// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import LinuxFiles
import SystemPackage

/// What is mounted where.
struct MountPlace {
  let source: SourceArgument
  /// As the kernel tells of it, without links and ".."; where the directory cannot be found, absolute at least.
  let point: FilePath

  init(source: SourceArgument, point: FilePath) {
    self.source = source
    // What is wrong with it is told by who mounts there.
    self.point = (try? point.resolvedMountPoint) ?? point.absolute
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
