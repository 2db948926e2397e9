// SPDX-License-Identifier: Apache-2.0

import Foundation
import LiveWorkload
import RocksDB
import SystemPackage
import TestSupport
import Testing

/// A process that writes to a database of its own as fast as it can.
final class LiveWriterProcess {
  let database: FilePath
  let threads: Int
  private let process: Process
  private let input = Pipe()
  private let errors: AnonymousFile
  private let acknowledgements: Acknowledgements

  /// Starts it and waits until it has written for a while.
  init(_ database: FilePath, threads: Int = 2, _ special: [String] = [], atLeast: UInt64 = 3000)
    throws
  {
    self.database = database
    self.threads = threads
    let counts = FilePath("\(database).counts")
    acknowledgements = try Acknowledgements(counts)
    errors = try AnonymousFile()
    process = Process()
    process.executableURL = URL(filePath: Tool.products.appending("LiveWriter").string)
    process.arguments = [database.string, counts.string, "\(threads)"] + special
    process.standardInput = input
    process.standardError = errors.handle
    try process.start()
    try waitUntil(atLeast)
  }

  deinit {
    if process.isRunning { kill() }
    try? acknowledgements.close()
  }

  /// What each thread has acknowledged by now.
  var acknowledged: [UInt64] {
    get throws { try (0..<threads).map { try acknowledgements.read(of: $0) } }
  }

  /// Waits until all threads have acknowledged `count` writes.
  func waitUntil(_ count: UInt64) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try acknowledged.contains(where: { $0 < count }) {
      guard process.isRunning, ContinuousClock.now < deadline else {
        throw Violation(what: "the writer does not write: \(try errors.text)")
      }
      usleep(2000)
    }
  }

  /// Lets it close its database and end.
  func close() throws {
    try end()
    try waitForEnd()
  }

  /// Tells it to end, which takes a while.
  func end() throws { try input.fileHandleForWriting.close() }

  func waitForEnd() throws {
    process.waitUntilExit()
    let said = try errors.text
    #expect(process.terminationStatus == 0, "\(said)")
  }

  /// SIGKILL.
  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

extension Database {
  /// That this is a moment of what `threads` threads wrote, and holds what they had acknowledged.
  func expectMoment(
    holding acknowledged: [UInt64], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (thread, least) in acknowledged.enumerated() {
      let count = try Workload(thread: thread).check(self)
      #expect(
        count >= least, "writes of thread \(thread) that were acknowledged are missing",
        sourceLocation: sourceLocation)
    }
  }
}
