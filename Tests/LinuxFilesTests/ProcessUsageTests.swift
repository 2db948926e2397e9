// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import Testing

@Suite("What a process takes of the machine")
struct ProcessUsageTests {
  @Test("Memory, open files and times are those of this process")
  func usage() throws {
    let before = try ProcessUsage.ofThisProcess()
    #expect((1_000_000..<1 << 40).contains(before.residentMemory))
    #expect(before.virtualMemory > before.residentMemory)
    #expect(before.openFiles >= 3 && UInt64(before.openFiles) < before.greatestNumberOfOpenFiles)
    let now = Double(WallClock.now()) / 1e9
    #expect(now - before.started > -2 && now - before.started < 7200)
    var sum = 0
    while try ProcessUsage.ofThisProcess().processorTime < before.processorTime + .milliseconds(20)
    {
      sum &+= 1
    }
    #expect(try ProcessUsage.ofThisProcess().started == before.started)
  }
}
