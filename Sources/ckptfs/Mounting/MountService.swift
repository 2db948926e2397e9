// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import FlinkCheckpoints
import Fuse
import Glibc
import LinuxFiles
import Logging
import SystemPackage

/// One mount of a store or of Flink's checkpoints, served by this process.
struct MountService {
  /// Requests served at a time: enough for readers that wait for a disk, few enough to cost nothing idle.
  private static let threads = 8
  /// What one request to this process can bring: eight times as much as the kernel would ask for by itself.
  private static let readAheadKilobytes = 1024

  /// What the process and the file system need by themselves, and some for readers.
  private static let leastOpenFiles: UInt64 = 64

  let place: MountPlace
  let mappings: [PathMapping]
  let options: MountOptions
  let logger: Logger

  /// Serves until it is unmounted, or a signal ends it.
  ///
  /// - Parameter onReady: called when the mount can be used.
  func run(onReady: () -> Void) throws {
    let signal = UserSignal()
    // First what can fail for good: a dead mount stays, and fails, until there is something to show instead.
    let source = try place.source.open(mappings: mappings)
    let hold = try MountPointHold.take(place.point)
    try DeadMount.detach(at: place.point, logger)
    let point = try MountPoint(place.point, source: place.source.path)
    let path = try FileSystemCalls.resolve(point.path)
    try requireNoMount(at: path)
    let facts = MountFacts(
      version: CkptfsCommand.version, processID: getpid(), mountPoint: path.string,
      mounted: Timestamp(nanoseconds: WallClock.now()),
      owner: Ownership(user: getuid(), group: getgid()),
      openFileLimit: Int(clamping: OpenFileLimit.current))
    let fileSystem = CheckpointFileSystem(
      source: source, options: options, facts: facts, logger: logger)
    signal.onArrival { [logger] in logger.notice("\(fileSystem.summary)") }
    var session = try Session(
      fileSystem: fileSystem, mountOptions: options.libfuseOptions(source: source.name)
    ) { [logger] level, message in
      logger.log(level: Logger.Level(level), "\(message)")
    }
    // Without links and "..": libfuse looks at it once more when the kernel would already ask this process.
    try mount(&session, at: path)
    _ = consume hold
    let end = try session.run(threads: Self.threads) {
      raiseReadAhead(at: path)
      onReady()
      logger.info("mounted \(place.source) on \(place.point)")
    }
    if end == .unmounted, try DeadMount.stays(at: path) {
      throw Failure(
        .failed, "aborted",
        "the connection of the mount on \(place.point) was aborted, as by 'umount -f' while somebody uses it; all there fails until it is mounted again, or taken away: ckptfs umount \(place.point)"
      )
    }
    logger.info("unmounted \(place.point): \(end.reason)")
  }

  private func mount(_ session: inout Session, at path: FilePath) throws {
    let before = try Set(ours().map(\.id))
    do throws(FuseError) {
      try session.mount(at: path)
    } catch {
      guard let advice = MountAdvice.advice(on: error, options) else { throw error }
      throw Failure(.failed, "failed", "\(error); \(advice)")
    }
    try requireMount(at: path, before)
  }

  private func ours() throws -> [Mount] {
    try MountTable.mounts().filter { $0.type == UnmountCommand.fileSystemType }
  }

  /// The kernel follows links, and somebody who may write to the directory above can have put one, or another
  /// directory, in the mount point's place since it was looked at. Then the mount goes before it shows anything.
  private func requireMount(at path: FilePath, _ before: Set<Int>) throws {
    if try MountTable.mount(at: path)?.type == UnmountCommand.fileSystemType { return }
    let source = place.source.path.string
    for mount in try ours() where !before.contains(mount.id) && mount.source == source {
      try mount.detach()
    }
    throw Failure(
      .failed, "mountPoint",
      "cannot mount on \(path): it was replaced meanwhile; mount in a directory to which only you may write"
    )
  }

  /// A mount that shows nothing yet looks like an empty directory.
  private func requireNoMount(at path: FilePath) throws {
    guard let mount = try MountTable.mount(at: path), mount.type == UnmountCommand.fileSystemType
    else { return }
    throw Failure(
      .failed, "mountPoint",
      "cannot mount on \(path): '\(mount.source)' is mounted there already; unmount it: ckptfs umount \(path)"
    )
  }
}

extension MountService {
  /// Lets this process have as many open files as it may, and refuses where these are too few.
  static func requireOpenFiles() throws {
    OpenFileLimit.raise()
    guard OpenFileLimit.current < leastOpenFiles else { return }
    throw Failure(
      .failed, "openFiles",
      "a mount takes at least \(leastOpenFiles) open files, and this process may have \(OpenFileLimit.current); raise the hard limit ('ulimit -Hn', LimitNOFILE= of a unit)"
    )
  }

  /// For files that this process serves. Only root may.
  ///
  /// - Parameter path: the mount point without links: this process must not look at its own mount.
  private func raiseReadAhead(at path: FilePath) {
    do {
      try MountTable.mount(at: path)?.setReadAhead(kilobytes: Self.readAheadKilobytes)
    } catch {
      logger.debug("the kernel reads ahead as little as it likes: \(error)")
    }
  }
}

extension SessionEnd {
  fileprivate var reason: String {
    switch self {
    case .unmounted: "somebody asked for it"
    case .signal(SIGHUP): "by SIGHUP"
    case .signal(SIGINT): "by SIGINT"
    case .signal(SIGTERM): "by SIGTERM"
    case .signal(let number): "by signal \(number)"
    }
  }
}

extension Logger.Level {
  fileprivate init(_ level: LogLevel) {
    self =
      switch level {
      case .emergency, .alert, .critical: .critical
      case .error: .error
      case .warning: .warning
      case .notice: .notice
      case .information: .info
      case .debug: .debug
      }
  }
}
