// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("A mount under a service manager", .serialized, .timeLimit(.minutes(60)))
struct SupervisionTests {
  private static let patience = Duration.seconds(30)

  /// `ckptfs mount` on the sample's mount point with this `$NOTIFY_SOCKET`, started.
  private func start(_ sample: Sample, _ options: String..., socket: String) throws -> (
    process: Process, errors: Pipe
  ) {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: Program.executable.string)
    process.arguments = ["mount", sample.store.string, sample.mountPoint.string] + options
    process.environment = ProcessInfo.processInfo.environment
      .merging(["NOTIFY_SOCKET": socket]) { _, new in new }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.start()
    return (process, errors)
  }

  @Test(
    "A mount in the foreground tells when it can be used, and when it ends",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"),
    arguments: [true, false])
  func foreground(isAbstract: Bool) throws {
    let sample = try Sample()
    let socket = try NotifySocket(
      named: isAbstract
        ? "@ckptfs-test-\(UUID())" : sample.path.appending("notify").string)
    let (process, _) = try start(sample, "-f", socket: socket.name)
    #expect(try socket.receive(within: Self.patience) == "READY=1")
    let listing = try Program.shell("ls mnt/orders", in: sample.path)
    #expect(listing.output.hasPrefix("by-time\nchk-1\nchk-2\n"), "\(listing)")
    process.terminate()
    #expect(try socket.receive(within: Self.patience) == "STOPPING=1")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try socket.receive(within: .zero) == nil, "nothing else is told")
  }

  @Test("A mount that fails is never told to be there")
  func failing() throws {
    let sample = try Sample(committing: false)
    try Data().write(to: URL(filePath: sample.mountPoint.appending("file").string))
    let socket = try NotifySocket(named: sample.path.appending("notify").string)
    let (process, _) = try start(sample, "-f", socket: socket.name)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    #expect(try socket.receive(within: .zero) == nil)
  }

  @Test(
    "A service manager that cannot be told is a warning, and the mount goes on",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"),
    arguments: ["/nowhere/notify", "vsock:2:1234", "/" + String(repeating: "n", count: 200)])
  func unreachable(socket: String) throws {
    let sample = try Sample()
    let (process, errors) = try start(sample, "-f", socket: socket)
    var said = ""
    while !said.contains("mounted "), process.isRunning {
      said += String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    }
    #expect(said.contains("warning") && said.contains("cannot notify '\(socket)'"), "\(said)")
    #expect(try Program.shell("ls mnt/orders", in: sample.path).status == 0)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test(
    "systemd finds no fault in the units",
    .enabled(if: Program.exists("systemd-analyze"), "there is no systemd-analyze to ask"))
  func units() throws {
    let scratch = try ScratchDirectory()
    let verified = try Program.shell(
      """
      for unit in ckptfs@ ckptfs-watch@ ckptfs-scrub@; do
        sed "s|@bindir@|$(dirname "$CKPTFS")|" '\(Program.packaging)'/systemd/$unit.service.in >$unit.service
      done
      cp '\(Program.packaging)'/systemd/*.mount '\(Program.packaging)'/systemd/*.automount .
      systemd-analyze verify --man=no "$PWD"/ckptfs{,-watch,-scrub}@orders.service "$PWD"/*.mount "$PWD"/*.automount
      """, in: scratch.path)
    #expect(verified.status == 0 && verified.errors.isEmpty, "\(verified)")
  }
}
