// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import SystemPackage

/// What is mounted where.
struct MountPlace {
  let source: SourceArgument
  /// Absolute.
  let point: FilePath
}

extension FilePath {
  /// The path as it is from anywhere.
  var absolute: FilePath {
    isAbsolute ? self : FilePath(FileManager.default.currentDirectoryPath).pushing(self)
  }
}
