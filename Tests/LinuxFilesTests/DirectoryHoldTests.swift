// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import Testing

@Suite("A hold on a directory")
struct DirectoryHoldTests {
  @Test("It excludes all others until it goes, and who waits longer than he will is told so")
  func exclusion() throws {
    let directory = FilePath(NSTemporaryDirectory()).appending("hold-\(UUID().uuidString)")
    try FileSystemCalls.makeDirectory(directory)
    defer { try? FileSystemCalls.removeDirectory(directory) }  // one left over harms nobody
    var first: DirectoryHold? = try DirectoryHold(directory, waitingAtMost: .zero)
    let refused = #expect(throws: FileError.self) {
      _ = try DirectoryHold(directory, waitingAtMost: .milliseconds(20))
    }
    #expect(try #require(refused).errno == .timedOut)
    first = nil
    _ = consume first
    _ = try DirectoryHold(directory, waitingAtMost: .zero)
  }
}
