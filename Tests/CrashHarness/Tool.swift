// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program of the system: it does in milliseconds what takes a debug build a second.
enum Tool {
  /// - Throws: ``Violation`` with what it said, when it fails.
  static func run(_ tool: String, _ arguments: String...) throws {
    try run(tool, arguments: arguments)
  }

  /// - Throws: as ``run(_:_:)``.
  static func run(_ tool: String, arguments: [String]) throws {
    let process = Process()
    let said = Pipe()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = said
    let started = try StartedProcess(process)
    let text = try said.fileHandleForReading.readToEnd() ?? Data()
    started.wait()
    guard started.status == 0 else {
      throw Violation("P6", "\(tool) \(arguments) failed: \(String(decoding: text, as: UTF8.self))")
    }
  }

  /// Whether it ends with status 0, whatever it says.
  static func isSuccessful(_ tool: String, _ arguments: String...) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let started = try StartedProcess(process)
    started.wait()
    return started.status == 0
  }
}
