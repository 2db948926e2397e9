// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program of the system: it does in milliseconds what takes a debug build a second.
enum Tool {
  /// - Throws: ``Violation`` with what it said, when it fails.
  static func run(_ tool: String, _ arguments: String...) throws {
    let process = Process()
    let said = Pipe()
    process.executableURL = URL(fileURLWithPath: tool)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = said
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let text = try said.fileHandleForReading.readToEnd() ?? Data()
    ended.wait()
    guard process.terminationStatus == 0 else {
      throw Violation("P6", "\(tool) \(arguments) failed: \(String(decoding: text, as: UTF8.self))")
    }
  }
}
