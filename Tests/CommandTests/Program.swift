// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport

/// The program under test, as its users run it.
enum Program {
  static let executable = Tool.products.appending("ckptfs")

  private static let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()
  static let scripts = package.appending("mount-scripts")
  static let packaging = package.appending("Packaging")

  /// Whether file systems can be mounted here at all.
  static let canMount = FileManager.default.isWritableFile(atPath: "/dev/fuse")

  /// Whether `$PATH` has a program of this name.
  static func exists(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  /// Runs `ckptfs` to its end.
  static func run(
    _ arguments: [String], store: FilePath? = nil, in directory: FilePath? = nil,
    failing file: FailingFile? = nil
  ) throws -> Outcome {
    try Tool.run(
      [executable.string] + arguments,
      variables(store).merging(file?.environment ?? [:]) { _, new in new }, in: directory)
  }

  /// Runs a line of shell in which `$CKPTFS` is the program, and fails where a part of a pipe does.
  static func shell(
    _ line: String, store: FilePath? = nil, in directory: FilePath? = nil
  ) throws -> Outcome {
    try Tool.run(["bash", "-o", "pipefail", "-c", line], variables(store), in: directory)
  }

  private static func variables(_ store: FilePath?) -> [String: String] {
    var variables = ["CKPTFS": executable.string]
    variables["CKPTFS_STORE"] = store?.string
    return variables
  }
}

/// An error as `--json` tells it.
struct ErrorShape: Decodable {
  struct Details: Decodable {
    let code: String
    let message: String
  }

  let error: Details
}
