// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization

/// The part of INIT that libfuse 3.14 does not know: seen in the kernel's message, and put into its answer.
///
/// All messages of a session pass here, since libfuse lets nobody else see them. After the answer to INIT
/// that costs the load of one flag.
final class Negotiation: Sendable {
  struct Offer {
    /// 7.this is the kernel's version of the protocol.
    var minorVersion: UInt32
    var passthrough: Bool
    fileprivate var unique: UInt64
  }

  private struct State {
    var offer: Offer?
    var wantsPassthrough = false
  }

  private let state = Mutex(State())
  private let isOver = Atomic(false)

  /// What the kernel offers; `nil` before its INIT.
  var offer: Offer? { state.withLock { $0.offer } }

  /// To be called before INIT is answered.
  func requestPassthrough() {
    state.withLock { $0.wantsPassthrough = true }
  }

  /// Looks at a message of the kernel.
  func note(message: UnsafeRawBufferPointer) {
    if isOver.load(ordering: .acquiring) { return }
    let header = MemoryLayout<fuse_kernel_in_header>.size
    guard message.count >= header + MemoryLayout<fuse_kernel_init_in>.size else { return }
    let request = unsafe message.loadUnaligned(as: fuse_kernel_in_header.self)
    guard request.opcode == FUSE_KERNEL_OPCODE_INIT else { return }
    let body = unsafe message.loadUnaligned(fromByteOffset: header, as: fuse_kernel_init_in.self)
    let hasSecondFlags = body.flags & FUSE_KERNEL_INIT_EXT != 0
    let offer = Offer(
      minorVersion: body.minor,
      passthrough: hasSecondFlags && body.flags2 & FUSE_KERNEL_INIT2_PASSTHROUGH != 0,
      unique: request.unique)
    state.withLock { $0.offer = offer }
  }

  /// Sends libfuse's message with what is to be added to it.
  ///
  /// - Returns: as writev(2), with `errno`.
  func send(_ vector: UnsafeBufferPointer<iovec>, to device: Int32) -> Int {
    if !isOver.load(ordering: .acquiring) { unsafe amend(vector) }
    return unsafe writev(device, vector.baseAddress, numericCast(vector.count))
  }

  private func amend(_ vector: UnsafeBufferPointer<iovec>) {
    guard unsafe isAnswerToInit(vector) else { return }
    isOver.store(true, ordering: .releasing)
    guard state.withLock({ $0.wantsPassthrough && $0.offer?.passthrough == true }) else { return }
    let answer = unsafe vector[1].iov_base.assumingMemoryBound(to: fuse_kernel_init_out.self)
    unsafe answer.pointee.flags |= FUSE_KERNEL_INIT_EXT
    unsafe answer.pointee.flags2 |= FUSE_KERNEL_INIT2_PASSTHROUGH
    unsafe answer.pointee.max_stack_depth = 1
  }

  /// A header without an error and the body, each in a part of its own.
  private func isAnswerToInit(_ vector: UnsafeBufferPointer<iovec>) -> Bool {
    guard vector.count == 2, let offer,
      unsafe vector[0].iov_len == MemoryLayout<fuse_kernel_out_header>.size,
      unsafe vector[1].iov_len == MemoryLayout<fuse_kernel_init_out>.size
    else { return false }
    let header = unsafe vector[0].iov_base.loadUnaligned(as: fuse_kernel_out_header.self)
    return header.unique == offer.unique && header.error == 0
  }
}
