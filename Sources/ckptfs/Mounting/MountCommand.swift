// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointFS
import FlinkCheckpoints
import LinuxFiles
import Logging
import SystemPackage

struct MountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mount",
    abstract: "Show all checkpoints of a store, or of Flink jobs, as read-only directories.",
    discussion: """
      It returns when the mount is there, and serves it in the background; -f stays. New checkpoints appear and \
      dropped ones disappear by themselves. Messages go to systemd's journal, or to syslog where there is none; with -f \
      to standard error, or to the journal if that is where it leads. A service manager is told through $NOTIFY_SOCKET \
      when a mount with -f is there.

      Options: allow_other (other users may look), uid=N and gid=N (who owns everything), umask=N (which \
      permissions nobody gets: 022 unless said otherwise), xattr (offer \
      user.ckptfs.digest and others), passthrough=auto|on|off (whether the kernel reads large files of the store by \
      itself, nearly as fast as without a mount: it takes root and Linux 6.9; auto does where possible, on refuses to mount \
      where not), log_level=error|warning|notice|info|debug.

      What it does and holds is in MOUNT-POINT/.ckptfs, status.json for people and metrics for Prometheus; SIGUSR1 has \
      it log a summary.

      flink:DIR shows Flink's own checkpoint directories, with nothing copied or changed. DIR is a job's directory, \
      one above several, or one checkpoint or savepoint. Files are looked for where Flink recorded them, and then \
      below DIR; --map says where else.

      Examples: ckptfs mount /var/lib/ckptfs /mnt/checkpoints
                ckptfs mount flink:/flink/checkpoints /mnt/jobs
      """)

  @OptionGroup var format: FormatOptions

  @Flag(name: [.customShort("f"), .long], help: "Serve the mount in the foreground.")
  var foreground = false

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("Mount options, separated by commas.", valueName: "options"))
  var options: [String] = []

  /// Set by this program itself, for the process that stays.
  @Flag(help: .private)
  var background = false

  @OptionGroup var mapping: MappingOptions

  @Argument(
    help: "The store's directory, or flink: and a directory of Flink's.", completion: .directory,
    transform: { try SourceArgument($0) })
  var source: SourceArgument

  @Argument(
    help: ArgumentHelp("An empty directory.", valueName: "mount-point"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var point: FilePath

  func run() throws {
    try MountService.requireOpenFiles()
    let options = try MountOptions(options.joined(separator: ","))
    let place = MountPlace(source: source, point: point)
    let mappings = mapping.mappings
    if background {
      let logger = logger(Logs.background, options, place)
      try MountService(place: place, mappings: mappings, options: options, logger: logger)
        .run { MountDaemon.announce(logger) }
    } else if foreground {
      try serve(place, mappings, options)
    } else {
      try MountDaemon.start(arguments(for: place))
      do {
        try print(place)
      } catch {
        // It is there, also when nobody hears that it is: who mounts at boot has no standard output.
        if !ClosedOutput.isReason(for: error) {
          ErrorOutput.write(line: "ckptfs: warning: \(Failure(error).message)")
        }
      }
    }
  }

  private func serve(
    _ place: MountPlace, _ mappings: [PathMapping], _ options: MountOptions
  ) throws {
    let logger = logger(Logs.foreground(), options, place)
    let supervision = MountSupervision(logger: logger)
    let service = MountService(
      place: place, mappings: mappings, options: options, logger: logger)
    try service.run {
      do {
        try print(place)
      } catch {
        // It is there, also when nobody reads that it is.
        if !ClosedOutput.isReason(for: error) { logger.warning("\(Failure(error).message)") }
      }
      supervision.tell(.ready)
    }
    supervision.tell(.stopping)
  }

  /// Its fields are in logs that have fields.
  private func logger(_ logger: Logger, _ options: MountOptions, _ place: MountPlace) -> Logger {
    var logger = logger
    logger.logLevel = options.logLevel
    logger[metadataKey: "store"] = .string(place.source.description)
    logger[metadataKey: "mount"] = .string(place.point.string)
    return logger
  }

  private func arguments(for place: MountPlace) -> [String] {
    ["mount", "--background"] + (format.isJSON ? ["--json"] : [])
      + options.flatMap { ["-o", $0] } + mapping.arguments
      + ["--", place.source.description, place.point.string]
  }

  private func print(_ place: MountPlace) throws {
    try format.print(
      MountOutcome(source: place.source.description, mountPoint: place.point.string))
  }
}

private struct MountOutcome: Report {
  let source: String
  let mountPoint: String

  var deed: String? { "'\(source)' was mounted on '\(mountPoint)'" }

  var lines: [String] { ["mounted '\(source)' on '\(mountPoint)'"] }
}
