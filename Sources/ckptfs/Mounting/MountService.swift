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

  let place: MountPlace
  let mappings: [PathMapping]
  let options: MountOptions
  let logger: Logger

  /// Serves until it is unmounted, or a signal ends it.
  ///
  /// - Parameter onReady: called when the mount can be used.
  func run(onReady: () -> Void) throws {
    let source = try place.source.open(mappings: mappings)
    let point = try MountPoint(place.point, source: place.source.path)
    try requireNoMount(at: point.path)
    let facts = MountFacts(
      version: CkptfsCommand.version, processID: getpid(),
      mounted: Timestamp(nanoseconds: WallClock.now()),
      owner: Ownership(user: getuid(), group: getgid()))
    let fileSystem = CheckpointFileSystem(
      source: source, options: options, facts: facts, logger: logger)
    var session = try Session(
      fileSystem: fileSystem, mountOptions: options.libfuseOptions(source: source.name)
    ) { [logger] level, message in
      logger.log(level: Logger.Level(level), "\(message)")
    }
    try session.mount(at: point.path)
    let end = try session.run(threads: Self.threads) {
      onReady()
      logger.info("mounted \(place.source) on \(place.point)")
    }
    logger.info("unmounted \(place.point): \(end.reason)")
  }

  /// A mount that shows nothing yet looks like an empty directory.
  private func requireNoMount(at path: FilePath) throws {
    let mount = try MountTable.mount(at: FileSystemCalls.resolve(path))
    guard let mount, mount.type == UnmountCommand.fileSystemType else { return }
    throw Failure(
      .failed, "mountPoint",
      "cannot mount on \(path): '\(mount.source)' is mounted there already; unmount it: ckptfs umount \(path)"
    )
  }
}

extension SessionEnd {
  fileprivate var reason: String {
    switch self {
    case .unmounted: "somebody asked for it"
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
