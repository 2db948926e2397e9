// SPDX-License-Identifier: Apache-2.0

package import Foundation
package import SystemPackage

/// Programs on `PATH`, among which the `ckptfs` that was built with this test is the first.
package enum Tool {
  /// Where the programs lie that were built with this test.
  package static let products = FilePath(
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path)

  private static let path =
    "\(products):\(environment("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin")"

  package static func exists(_ names: String...) -> Bool {
    names.allSatisfy { name in
      path.split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }
    }
  }

  /// A process that is not started yet, with these variables beside those of this process.
  ///
  /// No store is chosen unless `variables` choose one.
  package static func process(
    _ arguments: [String], _ variables: [String: String] = [:], in directory: FilePath? = nil
  ) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    var environment = ProcessInfo.processInfo.environment
    environment["CKPTFS_STORE"] = nil
    process.environment = environment.merging(["PATH": path, "LC_ALL": "C"]) { _, new in new }
      .merging(variables) { _, new in new }
    process.currentDirectoryURL = directory.map { URL(filePath: $0.string) }
    return process
  }

  /// Runs a program to its end, of at most two minutes.
  package static func run(
    _ arguments: [String], _ variables: [String: String] = [:], in directory: FilePath? = nil
  ) throws -> Outcome {
    let process = process(["timeout", "120"] + arguments, variables, in: directory)
    let output = Pipe()
    let errors = try AnonymousFile()
    process.standardOutput = output
    process.standardError = errors.handle
    try process.start()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: try errors.text)
  }
}
