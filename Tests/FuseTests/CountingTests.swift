// SPDX-License-Identifier: Apache-2.0
import CFuse
import Glibc
import SystemPackage
import Testing

@testable import Fuse

@Suite struct CountingTests {
  /// The requests of the kernel, by the number of their opcode.
  private static let opcodes: [(UInt32, Operation)] = [
    (1, .lookup), (3, .getattr), (5, .readlink), (14, .open), (15, .read), (17, .statfs),
    (22, .getxattr), (23, .listxattr), (27, .opendir), (28, .readdir), (34, .access),
    (44, .readdirplus),
  ]

  @Test(
    "Each request is counted once, by its operation and by what became of it",
    arguments: [
      (ENOENT, Outcome.notFound), (ESTALE, .notFound), (EACCES, .refused), (ENOSYS, .refused),
      (EIO, .failure), (ENOMEM, .failure), (4711, .failure),
    ] as [(CInt, Outcome)])
  func outcomes(error: CInt, outcome: Outcome) throws {
    let fileSystem = FailingFileSystem(error: Errno(rawValue: error))
    let kernel = try FakeKernel(
      fileSystem, operations: Dispatcher.operations(withExtendedAttributes: true))
    for (opcode, operation) in Self.opcodes {
      // A listing that has begun already: what it has before an error is an answer.
      let body: [UInt32] =
        opcode == 44 ? [0, 0, 1, 0, 4096, 0, 0, 0, 0, 0] : .init(repeating: 0, count: 64)
      _ = kernel.send(opcode: opcode, body: body)
      let counts = fileSystem.counters.requests(operation)
      #expect(counts[outcome] == 1, "\(operation)")
      #expect(counts.total == 1 && counts.durations.counts.reduce(0, +) == 1)
      #expect(counts.durations.sum > .zero)
    }
    for opcode: UInt32 in [2, 9, 42] { _ = kernel.send(opcode: opcode) }
    #expect(fileSystem.counters.requests(.forget)[.success] == 2)
    #expect(fileSystem.counters.requests(.write)[.refused] == 1)
    #expect(fileSystem.counters.opens(.cached) == 0 && fileSystem.counters.readBytes == 0)
  }

  @Test("Opens are counted by how files are read, reads by the bytes that went to the kernel")
  func traffic() throws {
    let fileSystem = ServingFileSystem()
    let kernel = try FakeKernel(
      fileSystem, operations: Dispatcher.operations(withExtendedAttributes: false))
    for _ in 1...3 { _ = kernel.send(opcode: 14, body: [0, 0]) }
    // READ: handle and offset, of two words each, size.
    _ = kernel.send(opcode: 15, body: [0, 0, 0, 0, 4096, 0, 0, 0, 0, 0])
    _ = kernel.send(opcode: 15, body: [0, 0, 0, 0, 10, 0, 0, 0, 0, 0])
    #expect(kernel.send(opcode: 1).map(\.error) == [0], "a name that is absent is an answer")
    let counters = fileSystem.counters
    #expect(counters.opens(.direct) == 3 && counters.opens(.cached) == 0)
    #expect(counters.readBytes == 110)
    #expect(counters.requests(.read)[.success] == 2)
    #expect(counters.requests(.lookup)[.notFound] == 1)
  }

  @Test("A duration is counted in the first range that holds it")
  func ranges() {
    #expect(DurationHistogram.bucket(nanoseconds: 0) == 0)
    for (index, bound) in DurationHistogram.bounds.enumerated() {
      let nanoseconds = UInt64(bound / .nanoseconds(1))
      #expect(DurationHistogram.bucket(nanoseconds: nanoseconds) == index)
      #expect(DurationHistogram.bucket(nanoseconds: nanoseconds + 1) == index + 1)
    }
    #expect(DurationHistogram.bounds == DurationHistogram.bounds.sorted())
  }

  @Test("Nothing is lost when many threads count at once")
  func manyThreads() async {
    let counters = SessionCounters()
    await withTaskGroup { group in
      for thread in 1...8 as ClosedRange<UInt64> {
        group.addTask {
          for _ in 1...10_000 {
            counters.note(.getattr, .success, nanoseconds: thread)
            counters.note(readBytes: 3)
          }
        }
      }
    }
    let counts = counters.requests(.getattr)
    #expect(counts[.success] == 80_000 && counts.durations.counts[0] == 80_000)
    #expect(counts.durations.sum == .nanoseconds(10_000 * 36))
    #expect(counters.readBytes == 240_000)
  }
}
