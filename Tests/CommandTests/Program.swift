// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// The program under test, as its users run it.
enum Program {
  struct Outcome: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String

    var description: String { "status \(status), output '\(output)', errors '\(errors)'" }

    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
      try JSONDecoder().decode(type, from: Data(output.utf8))
    }
  }

  static let executable = FilePath(
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "ckptfs").path)

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
    _ arguments: [String], store: FilePath? = nil, in directory: FilePath? = nil
  ) throws -> Outcome {
    try start(executable, arguments, store: store, in: directory)
  }

  /// Runs a line of shell in which `$CKPTFS` is the program, and fails where a part of a pipe does.
  static func shell(
    _ line: String, store: FilePath? = nil, in directory: FilePath? = nil
  ) throws -> Outcome {
    try start("/bin/bash", ["-o", "pipefail", "-c", line], store: store, in: directory)
  }

  private static func start(
    _ program: FilePath, _ arguments: [String], store: FilePath?, in directory: FilePath?
  ) throws -> Outcome {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: program.string)
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    environment["CKPTFS_STORE"] = store?.string
    environment["CKPTFS"] = executable.string
    environment["LC_ALL"] = "C"
    process.environment = environment
    process.currentDirectoryURL = directory.map { URL(filePath: $0.string) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    let failed = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: String(decoding: failed, as: UTF8.self))
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
