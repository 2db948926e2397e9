// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// What libfuse carries as user data: the way from a C callback to the file system.
final class Dispatcher: Sendable {
  let fileSystem: any FileSystem
  /// Whether the kernel's INIT was seen.
  let isInitialized = Atomic(false)
  let negotiation = Negotiation()
  private let session = Mutex<SessionHandle?>(nil)

  init(_ fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
  }

  /// Says which session it dispatches for, before that is mounted.
  func serve(_ session: SessionHandle) {
    self.session.withLock { $0 = session }
  }

  /// What can be had of the kernel, as libfuse and the kernel's own message tell it.
  func connection(_ information: fuse_conn_info) -> Connection {
    let backing: BackingFiles? =
      if negotiation.offer?.passthrough == true, let session = session.withLock({ $0 }) {
        BackingFiles(session: session)
      } else { nil }
    return Connection(
      information, minorVersion: negotiation.offer?.minorVersion ?? information.proto_minor,
      passthrough: backing)
  }

  /// Answers a request by what `operation` throws, or what `reply` makes of its value.
  static func answer<Value>(
    _ raw: OpaquePointer?, _ operation: (any FileSystem) throws(Errno) -> Value,
    reply: (consuming Request, Value) -> Void
  ) {
    let request = unsafe Request(raw)
    let value: Value
    do throws(Errno) {
      value = try request.withFileSystem(operation)
    } catch {
      request.reply(error: error)
      return
    }
    reply(request, value)
  }

  static func refuse(_ raw: OpaquePointer?) {
    unsafe Request(raw).reply(error: .readOnlyFileSystem)
  }

  static func name(_ string: UnsafePointer<CChar>?) -> [UInt8] {
    guard let string = unsafe string else { return [] }
    let bytes = unsafe UnsafeRawBufferPointer(start: string, count: strlen(string))
    return unsafe [UInt8](bytes)
  }
}
