// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import SystemPackage

/// A program of the rocksdb-tools package.
struct Tool {
  static let ldb = Tool(named: "ldb")
  static let dbBench = Tool(named: "db_bench")

  let url: URL

  init?(named name: String) {
    let folders = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    url = URL(filePath: found)
  }

  /// Runs to the end and returns the exit status and both outputs together.
  func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let (process, pipe) = try start(arguments, input: FileHandle.nullDevice)
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  func start(_ arguments: [String], input: Any) throws -> (Process, Pipe) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = url
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    return (process, pipe)
  }
}

/// Waits until `condition` holds, at most ten seconds.
func eventually(_ condition: () throws -> Bool) throws -> Bool {
  let deadline = ContinuousClock.now + .seconds(10)
  while ContinuousClock.now < deadline {
    if try condition() { return true }
    Thread.sleep(forTimeInterval: 0.005)
  }
  return false
}
