// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization
package import SystemPackage

/// One mounted file system, from the mount to the unmount.
///
/// However it ends (a signal, `umount`, an error, or being dropped before it ran), it unmounts what it
/// mounted and restores the signal handlers. A process can have one at a time.
@safe package struct Session: ~Copyable {
  private let handle: SessionHandle
  /// libfuse borrows it: it must live until the last request was answered, and no longer, for a
  /// notifier may keep the handle alive.
  private let dispatcher: Dispatcher
  private let log: @Sendable (LogLevel, String) -> Void
  private var signals: TerminationSignals?
  private var mountPoint: FilePath?

  /// Prepares a session that serves `fileSystem`.
  ///
  /// - Parameters:
  ///   - mountOptions: one option each, as after `mount -o`: `ro`, `fsname=…`, `allow_other`. A comma
  ///     or backslash in one is part of its value.
  ///   - log: receives libfuse's own messages from the mount on, on any thread.
  /// - Throws: `.invalidOptions`.
  package init(
    fileSystem: some FileSystem, mountOptions: [String],
    log: @escaping @Sendable (LogLevel, String) -> Void
  ) throws(FuseError) {
    let dispatcher = Dispatcher(fileSystem)
    let operations = Dispatcher.operations(
      withExtendedAttributes: fileSystem.offersExtendedAttributes)
    let (raw, messages) = unsafe LogSink.holdingMessages {
      unsafe Self.makeSession(
        mountOptions, operations, userData: Unmanaged.passUnretained(dispatcher).toOpaque())
    }
    guard let raw = unsafe raw else {
      throw FuseError(.invalidOptions, "cannot prepare the mount: \(messages)")
    }
    self.dispatcher = dispatcher
    self.log = log
    unsafe handle = SessionHandle(raw)
    dispatcher.serve(handle)
  }

  deinit {
    handle.close()
    unsafe fuse_session_unmount(handle.raw)
    if signals != nil { LogSink.install(nil) }
  }

  /// For threads outside the file system's methods; stays usable after the session has ended.
  package var notifier: Notifier { Notifier(handle, dispatcher.counters) }

  /// Mounts at an existing directory. Who uses it waits until ``run(threads:onReady:)``.
  ///
  /// From here on SIGHUP, SIGINT and SIGTERM unmount instead of killing the process.
  ///
  /// - Throws: `.cannotMount` with what the kernel said, `.sessionExists`.
  package mutating func mount(at path: FilePath) throws(FuseError) {
    precondition(mountPoint == nil, "a session is mounted once")
    signals = TerminationSignals()
    if signals == nil {
      throw FuseError(
        .sessionExists, "cannot mount at \(path): this process serves another mount already")
    }
    LogSink.install(log)
    let (code, messages) = LogSink.holdingMessages { () -> Int32 in
      let result = unsafe path.withPlatformString { path in
        unsafe fuse_session_mount(handle.raw, path)
      }
      return result == 0 ? 0 : Glibc.errno
    }
    guard code == 0 else {
      let reason = messages.isEmpty ? Errno(rawValue: code).description : messages
      throw FuseError(
        .cannotMount, "cannot mount at \(path): \(reason)", errno: Errno(rawValue: code))
    }
    var transport = Dispatcher.transport
    let result = unsafe fuse_session_custom_io(
      handle.raw, &transport, fuse_session_fd(handle.raw))
    precondition(result == 0, "no memory for three pointers")
    mountPoint = path
  }

  /// Serves requests until a signal or an unmount, and unmounts before it returns.
  ///
  /// - Parameters:
  ///   - threads: how many requests are served at a time, on threads that libfuse starts.
  ///   - onReady: called once on this thread when the kernel has its answer to INIT, the moment for a
  ///     daemon to tell its parent that the mount can be used. It must not use the mount itself,
  ///     whose threads start afterwards.
  /// - Returns: what ended the session.
  /// - Throws: `.connectionFailed`, or what ``FileSystem/begin()`` throws.
  package consuming func run(
    threads: Int, onReady: () -> Void
  ) throws(FuseError) -> SessionEnd {
    guard let mountPoint else { preconditionFailure("mount(at:) comes before run") }
    signals?.unblock()
    let ended = LoopTerminator.run(for: handle) { () -> Result<Int32, FuseError> in
      while !isInitialized, unsafe fuse_session_exited(handle.raw) == 0 {
        serveOneRequest()
      }
      if unsafe fuse_session_exited(handle.raw) != 0 { return .success(0) }
      do throws(FuseError) { try dispatcher.fileSystem.begin() } catch { return .failure(error) }
      return FollowingThread.run(for: dispatcher.fileSystem, notifier) {
        onReady()
        return .success(serve(threads: threads))
      }
    }
    let result = try ended.get()
    if let signal = signals?.received { return .signal(signal) }
    guard result == 0, isInitialized else {
      let error = result < 0 ? Errno(rawValue: -result) : .operationNotSupportedByDevice
      throw FuseError(
        .connectionFailed, "serving \(mountPoint) failed: \(error)", errno: error)
    }
    return .unmounted
  }
}

extension Session {
  private var isInitialized: Bool {
    dispatcher.isInitialized.load(ordering: .acquiring)
  }

  private func serve(threads: Int) -> Int32 {
    let configuration = unsafe fuse_loop_cfg_create()
    defer { unsafe fuse_loop_cfg_destroy(configuration) }
    unsafe fuse_loop_cfg_set_clone_fd(configuration, 0)
    unsafe fuse_loop_cfg_set_max_threads(configuration, numericCast(threads))
    // Ending idle threads costs more than keeping them.
    unsafe fuse_loop_cfg_set_idle_threads(configuration, numericCast(threads))
    return unsafe fuse_session_loop_mt(handle.raw, configuration)
  }

  /// Waits for a request and answers it on this thread. Comes back at a signal, too.
  private func serveOneRequest() {
    var buffer = unsafe fuse_buf()
    defer { unsafe free(buffer.mem) }
    if unsafe fuse_session_receive_buf(handle.raw, &buffer) > 0 {
      unsafe fuse_session_process_buf(handle.raw, &buffer)
    }
  }

  private static func makeSession(
    _ options: [String], _ operations: fuse_lowlevel_ops, userData: UnsafeMutableRawPointer
  ) -> OpaquePointer? {
    var arguments = unsafe fuse_args(argc: 0, argv: nil, allocated: 0)
    defer { unsafe fuse_opt_free_args(&arguments) }
    unsafe fuse_opt_add_arg(&arguments, "fuse")
    for option in options {
      unsafe fuse_opt_add_arg(&arguments, "-o")
      unsafe fuse_opt_add_arg(&arguments, escaped(option))
    }
    var operations = operations
    return unsafe fuse_session_new(
      &arguments, &operations, MemoryLayout<fuse_lowlevel_ops>.size, userData)
  }

  /// libfuse splits options at commas.
  private static func escaped(_ option: String) -> String {
    String(option.flatMap { $0 == "," || $0 == "\\" ? ["\\", $0] : [$0] })
  }
}
