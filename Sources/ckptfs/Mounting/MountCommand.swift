// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointFS
import LinuxFiles
import SystemPackage

struct MountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mount",
    abstract: "Show all checkpoints of a store as read-only directories.",
    discussion: """
      It returns when the mount is there, and serves it in the background; -f stays. New checkpoints appear and \
      dropped ones disappear by themselves. Messages go to the system log, with -f to standard error. A service manager is told through $NOTIFY_SOCKET when a mount with -f is there.

      Options: allow_other (other users may look), uid=N and gid=N (who owns everything), umask=N (which \
      permissions nobody gets: 022 unless said otherwise), xattr (offer \
      user.ckptfs.digest and others), passthrough=auto|on|off (whether the kernel reads large files of the store by \
      itself, as fast as without a mount: it takes root and Linux 6.9; auto does where possible, on refuses to mount \
      where not).

      Example: ckptfs mount /var/lib/ckptfs /mnt/checkpoints
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

  @Argument(help: "The store's directory.", completion: .directory)
  var source: String

  @Argument(
    help: ArgumentHelp("An empty directory.", valueName: "mount-point"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var point: FilePath

  func run() throws {
    let options = try MountOptions(options.joined(separator: ","))
    let place = MountPlace(
      store: try MountPlace.store(named: source), point: point.absolute)
    if background {
      try MountService(place: place, options: options, logger: Logs.system)
        .run(onReady: MountDaemon.announce)
    } else if foreground {
      try serve(place, options)
    } else {
      try MountDaemon.start(arguments(for: place))
      print(place)
    }
  }

  private func serve(_ place: MountPlace, _ options: MountOptions) throws {
    let supervision = MountSupervision(logger: Logs.standardError)
    try MountService(place: place, options: options, logger: Logs.standardError).run {
      print(place)
      supervision.tell(.ready)
    }
    supervision.tell(.stopping)
  }

  private func arguments(for place: MountPlace) -> [String] {
    ["mount", "--background"] + (format.isJSON ? ["--json"] : [])
      + options.flatMap { ["-o", $0] } + ["--", place.store.string, place.point.string]
  }

  private func print(_ place: MountPlace) {
    // The mount is there, also when nobody reads that it is.
    try? format.print(MountOutcome(source: place.store.string, mountPoint: place.point.string))
  }
}

private struct MountOutcome: Report {
  let source: String
  let mountPoint: String

  var lines: [String] { ["mounted '\(source)' on '\(mountPoint)'"] }
}
