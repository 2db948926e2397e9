// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import LinuxFiles
import SystemPackage

/// A store mounted by the program itself, in a process of its own: one that touches its own mount may hang
/// beyond SIGKILL.
package final class MountedStore {
  let point: FilePath
  private let process: StartedProcess

  /// Why nothing can be mounted here; `nil` where it can.
  package static let obstacle: String? = {
    guard let device = try? FileDescriptor.open(FilePath("/dev/fuse"), .readWrite) else {
      return "/dev/fuse cannot be opened"
    }
    try? device.close()  // nothing was written through it
    return FileManager.default.isExecutableFile(atPath: "/usr/bin/fusermount3")
      ? nil : "fusermount3 is missing"
  }()

  /// Mounts; it can be looked at on return.
  ///
  /// - Parameters:
  ///   - control: what of the process's calls on files of the store is to fail.
  ///   - steps: what `CKPTFS_STEPS` asks for; as in this process for `nil`.
  init(
    _ site: Site, options: String = "", _ control: FaultControl? = nil, steps: String? = nil
  ) throws {
    point = site.root.appending("mnt")
    try FileSystemCalls.makeDirectoryIfAbsent(point)
    let log = site.reports.appending("mount.log")
    let said = Pipe()
    let process = Process()
    process.executableURL = Self.executable
    process.arguments =
      ["mount", "-f", site.store.string, point.string] + (options.isEmpty ? [] : ["-o", options])
    var changes = control?.environment(below: site.store) ?? [:]
    changes["CKPTFS_STEPS"] = steps
    process.environment = ProcessInfo.processInfo.environment.merging(changes) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = said
    process.standardError = try Self.appending(log)
    self.process = try StartedProcess(process)
    // One line says that the mount is there; the end of the output, that it will never be.
    guard !said.fileHandleForReading.availableData.isEmpty else {
      let text = try String(contentsOfFile: log.string, encoding: .utf8)
      throw Violation("P9", "the store cannot be mounted: \(text)")
    }
  }

  private static func appending(_ path: FilePath) throws -> FileHandle {
    if try !FileSystemCalls.exists(path) {
      try Data().write(to: URL(fileURLWithPath: path.string))
    }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path.string))
    try handle.seekToEnd()
    return handle
  }

  private static let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("ckptfs")

  /// Takes the mount away as a signal does, and waits for the process's end.
  func unmount() throws {
    process.send(SIGTERM)
    guard process.wait(for: .seconds(60)) else { throw Violation("P9", "the mount does not end") }
  }

  deinit {
    guard !process.hasEnded else { return }
    process.send(SIGKILL)
    process.wait()
    // Where the mount is gone already nothing is left to do.
    try? Tool.run("/usr/bin/fusermount3", "-uz", point.string)
  }
}
