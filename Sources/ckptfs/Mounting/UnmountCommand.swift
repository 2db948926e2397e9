// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import LinuxFiles
import SystemPackage

struct UnmountCommand: ParsableCommand {
  /// As the kernel has it: FUSE, and the subtype that libfuse is told.
  static let fileSystemType = "fuse.ckptfs"

  static let configuration = CommandConfiguration(
    commandName: "umount",
    abstract: "Take a mount away.",
    discussion: """
      A mount in use stays, and exit status 4 says so. A mount whose process died is taken away, too.

      Example: ckptfs umount /mnt/checkpoints
      """)

  @OptionGroup var format: FormatOptions

  @Argument(
    help: ArgumentHelp("Where the mount is.", valueName: "mount-point"), completion: .directory,
    transform: { try FilePath(argument: $0) })
  var point: FilePath

  func run() throws {
    let mount = try find()
    let daemon = MountProcess(of: mount)
    do throws(FileError) {
      try mount.unmount()
    } catch  where error.errno == .resourceBusy {
      throw Failure(.busy, "busy", try busyMessage(mount))
    }
    daemon?.waitForEnd()
    try format.print(UnmountOutcome(mountPoint: mount.point.string, source: mount.source))
  }

  private func find() throws -> Mount {
    let path = try resolved()
    guard let mount = try MountTable.mount(at: path) else {
      throw Failure(
        .absent, "notMounted",
        "nothing is mounted on '\(path)'; 'findmnt -t fuse.ckptfs' lists mounts")
    }
    guard mount.type == Self.fileSystemType else {
      throw Failure(
        .absent, "notMounted",
        "what is mounted on '\(path)' is \(mount.type), not ckptfs; 'findmnt -t fuse.ckptfs' lists mounts"
      )
    }
    return mount
  }

  private func resolved() throws -> FilePath {
    do throws(FileError) {
      return try point.resolvedMountPoint
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw error }
      throw Failure(.absent, "notMounted", "there is no '\(point)'")
    }
  }

  private func busyMessage(_ mount: Mount) throws -> String {
    let users = try mount.users(limit: 5)
    guard !users.isEmpty else {
      return "'\(mount.point)' is in use; leave its directories, close its files and try again"
    }
    return
      "'\(mount.point)' is in use by \(users.map(\.description).joined(separator: ", ")); let them leave its "
      + "directories and close its files, and try again"
  }
}

/// The process that serves a mount.
private struct MountProcess {
  private struct Status: Decodable {
    let pid: Int32
  }

  private let processID: Int32

  /// - Returns: `nil` when neither the kernel nor the mount tells.
  init?(of mount: Mount) {
    if let server = try? mount.server() {
      processID = server
      return
    }
    // An older kernel. A mount that does not answer keeps who asks it waiting.
    let file = mount.point.appending(".ckptfs").appending("status.json")
    guard let data = FileManager.default.contents(atPath: file.string),
      let status = try? JSONDecoder().decode(Status.self, from: data)
    else { return nil }
    processID = status.pid
  }

  /// Waits until it let go of the store, a moment after the mount is gone.
  func waitForEnd() {
    RunningProcess(processID).waitForEnd(atMost: .seconds(10))
  }
}

private struct UnmountOutcome: Report {
  let mountPoint: String
  let source: String

  var deed: String? { "'\(source)' was unmounted from '\(mountPoint)'" }

  var lines: [String] { ["unmounted '\(source)' from '\(mountPoint)'"] }
}
