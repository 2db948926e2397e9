// SPDX-License-Identifier: Apache-2.0

import CFileSystemShutdown
import Foundation
import Glibc
import LinuxFiles
package import SystemPackage

/// A file system in a file of its own, which can be cut off from its disk as a loss of power does.
package final class LoopFileSystem: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case ext4, xfs
  }

  /// What of the file system's own log still reaches the disk.
  package enum Cut: UInt32, CaseIterable, Sendable {
    case afterLog = 1
    case withoutLog = 2
  }

  package let kind: Kind
  /// Where it is mounted.
  package let root: FilePath
  /// A directory that survives every cut.
  package let outside: FilePath
  private let image: FilePath

  package init(_ kind: Kind) throws {
    self.kind = kind
    outside = Site.newRoot()
    root = outside.appending("mounted")
    image = outside.appending("image")
    try FileSystemCalls.makeDirectory(outside)
    try FileSystemCalls.makeDirectory(root)
    // XFS takes no less than 300 MiB; what is not written takes no space.
    try Tool.run("/usr/bin/truncate", "-s", "320M", image.string)
    switch kind {
    case .ext4: try Tool.run("/usr/sbin/mkfs.ext4", "-q", "-F", image.string)
    case .xfs: try Tool.run("/usr/sbin/mkfs.xfs", "-q", image.string)
    }
    try mount()
  }

  private func mount() throws {
    try Tool.run("/usr/bin/mount", "-o", "loop", "-t", kind.rawValue, image.string, root.string)
  }

  /// From here on nothing is written, and everything fails.
  package func cut(_ cut: Cut) throws {
    let file = try FileSystemCalls.open(root, .readOnly, options: [.directory, .closeOnExec])
    defer { try? file.close() }  // nothing can be written any more
    guard file_system_shutdown(file.rawValue, cut.rawValue) == 0 else {
      throw Violation("P6", "the power of \(root) cannot be cut: \(Errno(rawValue: errno))")
    }
  }

  /// Mounts what reached the disk, as after a new start of the machine.
  package func mountAgain() throws {
    try Tool.run("/usr/bin/umount", root.string)
    // Whoever mounts something looks at all loop devices: one that is open anywhere outlives this, and so do its pages,
    // among which may be some that never reached the disk.
    let deadline = ContinuousClock.now + .seconds(20)
    while try isAttached() {
      guard ContinuousClock.now < deadline else {
        throw Violation("P6", "the disk of \(root) is not let go of")
      }
      usleep(500)
    }
    try mount()
  }

  /// Whether a loop device shows the image still.
  private func isAttached() throws -> Bool {
    let devices = FilePath("/sys/block")
    for name in try DirectoryListing.names(in: devices) where name.starts(with: "loop".utf8) {
      let file = devices.appending(bytes: name).appending("loop/backing_file")
      // It goes with what it tells of.
      guard let text = try? FileSystemCalls.contents(of: file, limit: 4096) else { continue }
      if String(decoding: text, as: UTF8.self).hasPrefix(image.string) { return true }
    }
    return false
  }

  /// Why this machine cannot cut the power of such a file system; `nil` when it can.
  package static func obstacle(_ kind: Kind) -> String? {
    if geteuid() != 0 { return "mounting a loop device takes root" }
    for tool in ["/usr/sbin/mkfs.\(kind.rawValue)", "/usr/bin/mount", "/dev/loop-control"]
    where unsafe access(tool, F_OK) != 0 {
      return "\(tool) is missing"
    }
    do {
      let trial = try LoopFileSystem(kind)
      try trial.cut(.withoutLog)
      return nil
    } catch {
      return "\(error)"
    }
  }

  deinit {
    // What stays behind harms no other run.
    try? Tool.run("/usr/bin/umount", "--lazy", root.string)
    try? FileTree.remove(outside)
  }
}
