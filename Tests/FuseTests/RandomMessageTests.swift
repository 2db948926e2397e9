// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage
import Testing

@testable import Fuse

@Suite("Messages of the kernel that make no sense")
struct RandomMessageTests {
  /// FORGET, INIT, INTERRUPT, DESTROY, NOTIFY_REPLY and BATCH_FORGET expect no answer, or come once.
  private static let silent: Set<UInt32> = [2, 26, 36, 38, 41, 42]

  /// How many bytes an answer may have beside its header, where the message says that.
  private static func room(_ opcode: UInt32, _ body: [UInt32]) -> Int? {
    switch opcode {
    // READ, READDIR, READDIRPLUS: handle and offset, of two words each, size.
    case 15, 28, 44: Int(body[4])
    // GETXATTR, LISTXATTR: size, of which 0 asks how much there is; that is told in 8 bytes.
    case 22, 23: body[0] == 0 ? 8 : Int(body[0])
    default: nil
    }
  }

  @Test(
    "Whatever a message's body holds, it has one answer or none, no longer than it asks for, and no later one suffers"
  )
  func bodies() throws {
    let seed: UInt64 = 20_261_122
    var random = Sequence(state: seed)
    let kernels = [
      try FakeKernel(
        ServingFileSystem(), operations: Dispatcher.operations(withExtendedAttributes: true)),
      try FakeKernel(
        FailingFileSystem(error: .ioError),
        operations: Dispatcher.operations(withExtendedAttributes: true)),
    ]
    for _ in 0..<4_000 {
      let kernel = kernels[Int(random.next() % 2)]
      let opcode = UInt32(random.next() % 60)
      if [2, 26, 36, 38, 42].contains(opcode) { continue }
      let body = random.body()
      let answers = kernel.send(opcode: opcode, body: body)
      let isRight = answers.count == 1 || Self.silent.contains(opcode) && answers.isEmpty
      #expect(isRight, "seed \(seed), opcode \(opcode): \(answers)")
      #expect(answers.allSatisfy { $0.unique == kernel.lastUnique }, "seed \(seed)")
      let room = Self.room(opcode, body) ?? .max
      #expect(
        answers.allSatisfy { $0.size - 16 <= room }, "seed \(seed), opcode \(opcode): \(answers)")
      if !isRight { return }
    }
    #expect(kernels[0].send(opcode: 14, body: [0, 0]).map(\.error) == [0])
  }

  @Test("An INIT that is cut off anywhere is no offer, and anything else changes none")
  func negotiation() {
    var random = Sequence(state: 7)
    for length in 0..<120 {
      let negotiation = Negotiation()
      // fuse_in_header: length, opcode; then INIT: major, minor.
      var message = [UInt8](repeating: 0, count: length)
      if length > 4 { message[4] = 26 }
      if length > 44 { message[44] = 31 }
      unsafe message.withUnsafeBytes { unsafe negotiation.note(message: $0) }
      #expect((negotiation.offer != nil) == (length >= 104), "length \(length)")
      for index in message.indices { message[index] = UInt8(truncatingIfNeeded: random.next()) }
      if length > 4 { message[4] = 3 }
      let before = negotiation.offer?.minorVersion
      unsafe message.withUnsafeBytes { unsafe negotiation.note(message: $0) }
      #expect(negotiation.offer?.minorVersion == before)
    }
  }

  /// SplitMix64, so that a seed tells what was sent.
  private struct Sequence {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }

    /// 64 words: zeros, small numbers, great ones and anything, the last zero, lest a name should have no end.
    mutating func body() -> [UInt32] {
      let kind = next() % 4
      return (0..<63).map { _ in
        switch kind {
        case 0: 0
        case 1: UInt32(next() % 4)
        case 2: next() % 3 == 0 ? .max : UInt32(next() % 300)
        default: UInt32(truncatingIfNeeded: next())
        }
      } + [0]
    }
  }
}
