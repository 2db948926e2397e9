// SPDX-License-Identifier: Apache-2.0
import CFuse
import Glibc
import Testing

@testable import Fuse

/// The kernel's end of a session that is not mounted: sends messages and counts the answers.
@safe final class FakeKernel {
  struct Answer: Equatable {
    var unique: UInt64
    /// 0 or a positive errno.
    var error: Int32
    var size: Int
  }

  private let session: OpaquePointer
  private let dispatcher: Dispatcher
  private let device: Int32
  private let replies: Int32
  private var unique: UInt64 = 1

  init(_ fileSystem: some FileSystem, operations: fuse_lowlevel_ops) throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    (device, replies) = (ends[0], ends[1])
    dispatcher = Dispatcher(fileSystem)
    var operations = operations
    var arguments = unsafe fuse_args(argc: 0, argv: nil, allocated: 0)
    unsafe fuse_opt_add_arg(&arguments, "fuse")
    defer { unsafe fuse_opt_free_args(&arguments) }
    let session = unsafe fuse_session_new(
      &arguments, &operations, MemoryLayout<fuse_lowlevel_ops>.size,
      Unmanaged.passUnretained(dispatcher).toOpaque())
    unsafe self.session = try #require(unsafe session)
    var io = fuse_custom_io()
    unsafe io.read = { descriptor, buffer, count, _ in unsafe Glibc.read(descriptor, buffer, count)
    }
    unsafe io.writev = { descriptor, vector, count, _ in
      unsafe Glibc.writev(descriptor, vector, count)
    }
    try #require(unsafe fuse_session_custom_io(self.session, &io, device) == 0)
    // INIT of version 7.31: major, minor, readahead, flags.
    let answers = send(opcode: 26, body: [7, 31, 131_072, 0])
    try #require(answers.map(\.error) == [0])
  }

  deinit {
    unsafe fuse_session_destroy(session)
    close(replies)
  }

  /// Sends one message and returns all the answers that came.
  func send(opcode: UInt32, body: [UInt32] = Array(repeating: 0, count: 64)) -> [Answer] {
    unique += 1
    // fuse_in_header: length, opcode, unique, node, uid, gid, pid, padding.
    var message: [UInt32] = [
      UInt32(40 + body.count * 4), opcode, UInt32(unique), 0, 1, 0, 0, 0, 1, 0,
    ]
    message += body
    unsafe message.withUnsafeMutableBytes { bytes in
      var buffer = unsafe fuse_buf(
        size: bytes.count, flags: fuse_buf_flags(rawValue: 0), mem: bytes.baseAddress, fd: -1,
        pos: 0)
      unsafe fuse_session_process_buf(session, &buffer)
    }
    return receive()
  }

  private func receive() -> [Answer] {
    var answers: [Answer] = []
    var packet = [Int32](repeating: 0, count: 65_536)
    while true {
      let size = unsafe recv(replies, &packet, packet.count * 4, Int32(MSG_DONTWAIT))
      guard size >= 16 else { return answers }
      // fuse_out_header: length, negative errno, unique.
      let unique = UInt64(UInt32(bitPattern: packet[2]))
      answers.append(Answer(unique: unique, error: -packet[1], size: size))
    }
  }

  var lastUnique: UInt64 { unique }
}
