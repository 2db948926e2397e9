// SPDX-License-Identifier: Apache-2.0
import CFuse
import Glibc
import SystemPackage
import Testing

@testable import Fuse

@Suite struct ExactlyOnceTests {
  /// By number: FORGET, INTERRUPT, DESTROY, NOTIFY_REPLY and BATCH_FORGET expect no answer or another
  /// one, and INIT was sent.
  private static let opcodes = (1...52).filter { ![2, 26, 36, 38, 41, 42].contains($0) }
    .map(UInt32.init)
  private static let writing: Set<UInt32> = [
    4, 6, 8, 9, 10, 11, 12, 13, 16, 21, 24, 35, 43, 45,
  ]
  private static let reading: [UInt32] = [1, 3, 5, 14, 15, 17, 22, 23, 27, 28, 34]

  private func makeKernel(throwing error: Errno) throws -> FakeKernel {
    try FakeKernel(
      FailingFileSystem(error: error),
      operations: Dispatcher.operations(withExtendedAttributes: true))
  }

  @Test("Every message has one answer, also those of which the session knows nothing")
  func oneAnswer() throws {
    let kernel = try makeKernel(throwing: .permissionDenied)
    for opcode in Self.opcodes {
      let answers = kernel.send(opcode: opcode)
      #expect(answers.map(\.unique) == [kernel.lastUnique], "opcode \(opcode)")
    }
  }

  @Test("Whatever writes is answered EROFS")
  func writes() throws {
    let kernel = try makeKernel(throwing: .permissionDenied)
    for opcode in Self.writing {
      let answers = kernel.send(opcode: opcode)
      #expect(answers.map(\.error) == [EROFS], "opcode \(opcode)")
    }
    // OPEN: flags.
    for flags in [O_WRONLY, O_RDWR, O_RDONLY | O_TRUNC] {
      let answers = kernel.send(opcode: 14, body: [UInt32(flags), 0])
      #expect(answers.map(\.error) == [EROFS], "flags \(flags)")
    }
    // ACCESS: mask.
    #expect(kernel.send(opcode: 34, body: [UInt32(W_OK), 0]).map(\.error) == [EROFS])
  }

  @Test("What the file system throws is the answer")
  func errors() throws {
    let kernel = try makeKernel(throwing: .permissionDenied)
    for opcode in Self.reading {
      let answers = kernel.send(opcode: opcode)
      #expect(answers.map(\.error) == [EACCES], "opcode \(opcode)")
    }
  }

  @Test("An error that is none is EIO, not success", arguments: [0, -5, 4711])
  func noErrors(code: CInt) throws {
    let kernel = try makeKernel(throwing: Errno(rawValue: code))
    for opcode in Self.reading {
      #expect(kernel.send(opcode: opcode).map(\.error) == [EIO], "opcode \(opcode)")
    }
  }

  @Test("A listing that fails midway sends what it has, and fails when it goes on")
  func listingThatFails() throws {
    let kernel = try makeKernel(throwing: .ioError)
    // READDIRPLUS: handle, offset, size, each of two or one words.
    let first = kernel.send(opcode: 44, body: [0, 0, 0, 0, 4096, 0, 0, 0, 0, 0])
    #expect(first.map(\.error) == [0])
    #expect(first.first.map { $0.size > 16 } == true)
    let second = kernel.send(opcode: 44, body: [0, 0, 1, 0, 4096, 0, 0, 0, 0, 0])
    #expect(second.map(\.error) == [EIO])
  }

  @Test("A request that is dropped answers EIO, and one that was answered nothing more")
  func dropped() throws {
    var operations = fuse_lowlevel_ops()
    unsafe operations.getattr = { request, _, _ in _ = unsafe Request(request) }
    unsafe operations.readlink = { request, _ in unsafe Request(request).reply(error: .noData) }
    let kernel = try FakeKernel(FailingFileSystem(error: .permissionDenied), operations: operations)
    #expect(kernel.send(opcode: 3).map(\.error) == [EIO])
    #expect(kernel.send(opcode: 5).map(\.error) == [ENODATA])
  }

  @Test("Forgetting is not answered", arguments: [2, 42])
  func forgets(opcode: UInt32) throws {
    let kernel = try makeKernel(throwing: .permissionDenied)
    #expect(kernel.send(opcode: opcode).isEmpty)
  }
}
