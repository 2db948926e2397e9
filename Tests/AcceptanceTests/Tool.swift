// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage

/// What a program that has ended left behind.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String
}

/// A program ended otherwise than the test says.
struct UnexpectedEnd: Error, CustomStringConvertible {
  let command: String
  let outcome: Outcome

  var description: String {
    "'\(command)' ended with \(outcome.status): \(outcome.errors)\(outcome.output)"
  }
}

/// Programs on `PATH`, among which the `ckptfs` that was built with this test is the first.
enum Tool {
  private static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path

  private static let path =
    products + ":"
    + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin")

  static func exists(_ names: String...) -> Bool {
    names.allSatisfy { name in
      path.split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }
    }
  }

  /// A process that is not started yet, with these variables beside those of this process.
  static func process(_ arguments: [String], _ variables: [String: String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PATH": path, "LC_ALL": "C"]) { _, new in new }
      .merging(variables) { _, new in new }
    return process
  }

  /// Runs a program to its end, of at most two minutes.
  static func run(_ arguments: [String], _ variables: [String: String] = [:]) throws -> Outcome {
    let process = process(["timeout", "120"] + arguments, variables)
    let output = Pipe()
    let errors = try AnonymousFile()
    process.standardOutput = output
    process.standardError = errors.handle
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: try errors.text)
  }
}

/// A file without a name, for output that is read later than it is written.
final class AnonymousFile {
  let handle: FileHandle

  init() throws {
    let name = "/var/tmp/ckptfs-output-\(UUID().uuidString)"
    let file = try FileDescriptor.open(
      FilePath(name), .readWrite, options: [.create, .exclusiveCreate, .append],
      permissions: .ownerReadWrite)
    try FileManager.default.removeItem(atPath: name)
    handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: true)
  }

  /// All that was written until now.
  var text: String {
    get throws {
      let file = FileDescriptor(rawValue: handle.fileDescriptor)
      var bytes = [UInt8](repeating: 0, count: Int(try file.seek(offset: 0, from: .end)))
      let count = try unsafe bytes.withUnsafeMutableBytes {
        try unsafe file.read(fromAbsoluteOffset: 0, into: $0)
      }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}
