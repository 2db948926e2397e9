// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import SystemPackage

/// One message of the kernel, to be answered exactly once.
///
/// Every reply consumes the request; one that is dropped answers `EIO`, so that nobody waits for
/// ever. A reply that cannot be delivered is not reported: it means that the connection is gone, and
/// with it the caller and all references that the kernel held.
@safe struct Request: ~Copyable {
  private let raw: OpaquePointer

  init(_ raw: OpaquePointer?) {
    guard let raw = unsafe raw else { preconditionFailure("libfuse gives each callback a request") }
    unsafe self.raw = raw
  }

  deinit {
    unsafe fuse_reply_err(raw, EIO)
  }

  /// The dispatcher lives as long as the session, which outlives all its requests: borrowing it
  /// spares a retain and a release.
  borrowing func withFileSystem<Value, Failure: Error>(
    _ body: (any FileSystem) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let dispatcher = unsafe Unmanaged<Dispatcher>.fromOpaque(fuse_req_userdata(raw))
    let result: Result<Value, Failure> = unsafe dispatcher._withUnsafeGuaranteedRef { dispatcher in
      do throws(Failure) {
        return .success(try body(dispatcher.fileSystem))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension Request {
  /// An `Errno` of 0 is none, and would read as success without the data that belongs to it.
  consuming func reply(error: Errno) {
    let code = (1..<512).contains(error.rawValue) ? error.rawValue : EIO
    unsafe fuse_reply_err(raw, code)
    discard self
  }

  consuming func replySuccess() {
    unsafe fuse_reply_err(raw, 0)
    discard self
  }

  /// For messages that expect no answer.
  consuming func replyNone() {
    unsafe fuse_reply_none(raw)
    discard self
  }

  consuming func reply(lookup: LookupReply) {
    var parameters = fuse_entry_param()
    switch lookup {
    case .found(let entry): parameters = entry.parameters
    case .absent(let timeout): parameters.entry_timeout = timeout.kernelSeconds
    }
    unsafe fuse_reply_entry(raw, &parameters)
    discard self
  }

  consuming func reply(attributes: AttributesReply) {
    var status = attributes.attributes.status
    unsafe fuse_reply_attr(raw, &status, attributes.timeout.kernelSeconds)
    discard self
  }

  consuming func reply(target: [UInt8]) {
    let terminated = target + [0]
    unsafe terminated.withUnsafeBytes { bytes in
      _ = unsafe fuse_reply_readlink(raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress)
    }
    discard self
  }

  consuming func reply(opened information: fuse_file_info) {
    var information = information
    unsafe fuse_reply_open(raw, &information)
    discard self
  }

  /// libfuse 3.14 sends what it is given: a reply that it does not know itself needs no other way.
  consuming func reply(opened handle: FileHandle, through file: BackingFile, isDirect: Bool) {
    let flags =
      FUSE_KERNEL_FOPEN_PASSTHROUGH | FUSE_KERNEL_FOPEN_NOFLUSH
      | (isDirect ? FUSE_KERNEL_FOPEN_DIRECT_IO : 0)
    let reply = fuse_kernel_open_out(handle: handle.rawValue, flags: flags, backing_id: file.id)
    unsafe withUnsafeBytes(of: reply) { bytes in
      _ = unsafe fuse_reply_buf(
        raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
    }
    discard self
  }

  consuming func reply(read: ReadReply, limit: Int) {
    switch read {
    case .bytes(let bytes):
      reply(bytes: bytes.prefix(limit))
    case .file(let descriptor, let offset, let length):
      reply(fileDescriptor: descriptor, offset: offset, length: min(length, limit))
    }
  }

  consuming func reply(bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { bytes in
      _ = unsafe fuse_reply_buf(
        raw, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
    }
    discard self
  }

  /// A file that cannot be read answers with its error; libfuse sees to that.
  consuming func reply(fileDescriptor: FileDescriptor, offset: Int64, length: Int) {
    let flags = FUSE_BUF_IS_FD.rawValue | FUSE_BUF_FD_SEEK.rawValue | FUSE_BUF_FD_RETRY.rawValue
    var vector = unsafe fuse_bufvec(
      count: 1, idx: 0, off: 0,
      buf: fuse_buf(
        size: length, flags: fuse_buf_flags(rawValue: flags), mem: nil,
        fd: fileDescriptor.rawValue, pos: off_t(offset)))
    unsafe fuse_reply_data(raw, &vector, fuse_buf_copy_flags(rawValue: 0))
    discard self
  }

  consuming func reply(entries: borrowing DirectoryEntries) {
    unsafe entries.withUnsafeBytes { bytes in
      _ = unsafe fuse_reply_buf(raw, bytes.baseAddress, bytes.count)
    }
    discard self
  }

  consuming func reply(statistics: FileSystemStatistics) {
    var status = statistics.status
    unsafe fuse_reply_statfs(raw, &status)
    discard self
  }

  /// The protocol of getxattr(2) and listxattr(2): a size of 0 asks for the size.
  consuming func reply(extendedAttribute value: [UInt8], size: Int) {
    if size == 0 {
      unsafe fuse_reply_xattr(raw, value.count)
      discard self
    } else if value.count > size {
      reply(error: .outOfRange)
    } else {
      reply(bytes: value[...])
    }
  }
}
