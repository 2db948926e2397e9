// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// What libfuse carries as user data: the way from a C callback to the file system.
final class Dispatcher: Sendable {
  let fileSystem: any FileSystem
  let counters: SessionCounters
  /// Whether the kernel's INIT was seen.
  let isInitialized = Atomic(false)
  let negotiation = Negotiation()
  private let session = Mutex<SessionHandle?>(nil)

  init(_ fileSystem: any FileSystem) {
    self.fileSystem = fileSystem
    counters = fileSystem.counters
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

  /// Answers a request by what `body` throws, or what `reply` makes of its value, and counts it.
  ///
  /// - Parameter counted: tells the outcome, and counts what else there is to count.
  static func answer<Value>(
    _ raw: OpaquePointer?, _ operation: Operation,
    _ body: (any FileSystem) throws(Errno) -> Value,
    reply: (consuming Request, Value) -> Void,
    counted: (SessionCounters, Value) -> Outcome = { _, _ in .success }
  ) {
    let measurement = unsafe Measurement(raw, operation)
    let request = unsafe Request(raw)
    let value: Value
    do throws(Errno) {
      value = try request.withFileSystem(body)
    } catch {
      request.reply(error: error)
      measurement.end(error)
      return
    }
    reply(request, value)
    measurement.end { counters in counted(counters, value) }
  }

  static func refuse(_ raw: OpaquePointer?) {
    let measurement = unsafe Measurement(raw, .write)
    unsafe Request(raw).reply(error: .readOnlyFileSystem)
    measurement.end(.readOnlyFileSystem)
  }

  static func name(_ string: UnsafePointer<CChar>?) -> [UInt8] {
    guard let string = unsafe string else { return [] }
    let bytes = unsafe UnsafeRawBufferPointer(start: string, count: strlen(string))
    return unsafe [UInt8](bytes)
  }
}
