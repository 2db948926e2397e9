// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc

extension Dispatcher {
  /// How libfuse reads and writes its device: as by itself, but past the ``Negotiation``.
  static var transport: fuse_custom_io {
    var transport = fuse_custom_io()
    unsafe transport.read = { device, memory, capacity, userData in
      let count = unsafe read(device, memory, capacity)
      guard count > 0, let userData = unsafe userData else { return count }
      let message = unsafe UnsafeRawBufferPointer(start: memory, count: count)
      unsafe Unmanaged<Dispatcher>.fromOpaque(userData)._withUnsafeGuaranteedRef {
        unsafe $0.negotiation.note(message: message)
      }
      return count
    }
    unsafe transport.writev = { device, vector, count, userData in
      guard let userData = unsafe userData else {
        return unsafe writev(device, vector, count)
      }
      let parts = unsafe UnsafeBufferPointer(start: vector, count: Int(count))
      return unsafe Unmanaged<Dispatcher>.fromOpaque(userData)._withUnsafeGuaranteedRef {
        unsafe $0.negotiation.send(parts, to: device)
      }
    }
    // Without these libfuse takes splice(2) to be impossible.
    unsafe transport.splice_receive = {
      input, inputOffset, output, outputOffset, length, flags, _ in
      unsafe fuse_kernel_splice(input, inputOffset, output, outputOffset, length, flags)
    }
    unsafe transport.splice_send = { input, inputOffset, output, outputOffset, length, flags, _ in
      unsafe fuse_kernel_splice(input, inputOffset, output, outputOffset, length, flags)
    }
    return transport
  }
}
