// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// A job that goes on while its directory is mounted and read.
@Suite(
  .serialized, .timeLimit(.minutes(60)),
  .enabled(
    if: FileManager.default.isWritableFile(atPath: "/dev/fuse"),
    "/dev/fuse cannot be opened: nothing can be mounted here"))
struct MountedJobTests {
  private let job: MadeJob
  private let mount: JobMount

  init() throws {
    job = try MadeJob()
    for name in ["kept", "a1"] { try job.write(name, "bytes of \(name)") }
    try job.complete(1, Self.metadata(1, job))
    mount = try JobMount(of: job)
  }

  /// Each checkpoint has the table `kept` and one of its own, `aN`.
  private static func metadata(_ number: Int64, _ job: MadeJob) -> [UInt8] {
    let files = [("000001.sst", "kept"), ("000002.sst", "a\(number)")].map { name, file in
      (name: name, path: job.recorded(file), size: Int64("bytes of \(file)".utf8.count))
    }
    return MadeJob.metadata(number, files)
  }

  private var names: [String] { get throws { try mount.history.names } }

  private func table(_ number: Int64, _ name: String = "000001.sst") -> FilePath {
    mount.history.appending("chk-\(number)/\(MadeJob.operatorID)/0/\(name)")
  }

  private func becomesTrue(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
      if try condition() { return true }
      sched_yield()
    }
    return false
  }

  private func latest() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(
      atPath: mount.history.appending("latest").string)
  }

  private func missing() throws -> String {
    String(decoding: try mount.point.appending(".ckptfs/missing").read(), as: UTF8.self)
  }

  /// Takes checkpoint `number` as Flink does: files first, then `_metadata`, here in two parts.
  private func take(_ number: Int64) throws {
    try job.write("a\(number)", "bytes of a\(number)")
    let metadata = Self.metadata(number, job)
    try job.complete(number, Array(metadata.prefix(metadata.count / 2)))
    #expect(
      try becomesTrue { try missing().contains("chk-\(number)\t") },
      "it was noticed that it is not whole")
    #expect(try !names.contains("chk-\(number)"))
    #expect(!FileManager.default.fileExists(atPath: table(number).string))
    try job.complete(number, metadata)
  }

  /// Drops it as Flink does: its `_metadata` first, then what only it used.
  private func drop(_ number: Int64) throws {
    let directory = job.path.appending("chk-\(number)")
    try FileSystemCalls.unlink(directory.appending("_metadata"))
    try FileSystemCalls.unlink(job.path.appending("shared/a\(number)"))
    try FileSystemCalls.removeDirectory(directory)
  }

  @Test("checkpoints appear when they are whole, and vanish; counts and `latest` follow")
  func life() throws {
    #expect(try names == ["by-time", "chk-1", "latest", "tags"])
    for number in 2...4 as ClosedRange<Int64> {
      try take(number)
      #expect(try becomesTrue { try latest() == "chk-\(number)" })
      #expect(
        becomesTrue { (try? table(number).status.links) == 2 },
        "its name may be known to be absent for a moment")
      #expect(try table(number).status.inode == table(number - 1).status.inode)
      #expect(try table(number, "000002.sst").read() == Array("bytes of a\(number)".utf8))
      #expect(try table(number, "000002.sst").status.links == 1)
      try drop(number - 1)
      #expect(try becomesTrue { try names == ["by-time", "chk-\(number)", "latest", "tags"] })
      #expect(try becomesTrue { try table(number).status.links == 1 })
      #expect(try table(number).read() == Array("bytes of kept".utf8))
    }
    #expect(try becomesTrue { try missing().isEmpty })
  }

  @Test(
    "a file that vanishes is an error for who opens it, not for its siblings or who has it open")
  func vanishing() throws {
    let held = try FileDescriptor.open(table(1, "000002.sst"), .readOnly)
    defer { try? held.close() }
    try FileSystemCalls.unlink(job.path.appending("shared/a1"))
    var buffer = [UInt8](repeating: 0, count: 11)
    #expect(try held.fill(&buffer, at: 0, path: "000002.sst") == 11)
    #expect(buffer == Array("bytes of a1".utf8))
    #expect(try table(1).read() == Array("bytes of kept".utf8))
    // Whoever opens it while another has it open reads what that one reads: it is the same inode.
    try held.close()
    let opened = try Tool.run(["cat", table(1, "000002.sst").string])
    #expect(opened.status == 1 && opened.errors.contains("Input/output error"), "\(opened)")
    #expect(try table(1).read() == Array("bytes of kept".utf8))
    #expect(try table(1, "CURRENT").read() == Array("MANIFEST-000001\n".utf8))
  }

  @Test(
    "a whole file is read by the kernel itself, a part of one by the daemon",
    .enabled(if: JobMount.allowsPassthrough, "the kernel offers no passthrough here"))
  func passthrough() throws {
    let content = String(repeating: "0123456789abcdef", count: 1 << 16)
    try job.write("large", content)
    let file = (name: "000001.sst", path: job.recorded("large"), size: Int64(content.utf8.count))
    try job.complete(2, MadeJob.metadata(2, [file]))
    #expect(try becomesTrue { try latest() == "chk-2" })
    #expect(try opens("passthrough") == 0)
    #expect(try table(2).read() == Array(content.utf8))
    #expect(try opens("passthrough") == 1)
    #expect(try table(2, "CURRENT").read() == Array("MANIFEST-000001\n".utf8))
    #expect(try opens("passthrough") == 1)
  }

  private func opens(_ mode: String) throws -> Int {
    let text = String(decoding: try mount.point.appending(".ckptfs/metrics").read(), as: UTF8.self)
    let name = "ckptfs_opens_total{mode=\"\(mode)\"} "
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
    return try #require(Int(line.dropFirst(name.count)))
  }

  @Test("whoever reads all the time reads the right bytes or none")
  func reading() throws {
    // Each table tells its name, so that one under a wrong name would be noticed.
    let reader = Tool.process(
      [
        "bash", "-c",
        """
        while ! test -e stop; do
          for c in mnt/*/chk-*; do
            n=${c##*-}
            text=$(cat $c/\(MadeJob.operatorID)/0/000002.sst 2>/dev/null) || continue
            test "$text" = "bytes of a$n" || { echo "$c: $text"; exit 1; }
          done
        done
        """,
      ], in: mount.scratch.path)
    let output = Pipe()
    reader.standardOutput = output
    try reader.start()
    for number in 2...6 as ClosedRange<Int64> {
      try job.write("a\(number)", "bytes of a\(number)")
      try job.complete(number, Self.metadata(number, job))
      #expect(try becomesTrue { try latest() == "chk-\(number)" })
      try drop(number - 1)
    }
    try mount.scratch.path.appending("stop").write("")
    let wrong = try output.fileHandleForReading.readToEnd() ?? Data()
    reader.waitUntilExit()
    #expect(reader.terminationStatus == 0, "\(String(decoding: wrong, as: UTF8.self))")
  }
}

/// A mount of a job's directory; nothing of it is left when this is gone.
private final class JobMount {
  let scratch: ScratchDirectory
  let point: FilePath
  var history: FilePath { point.appending(MadeJob.name) }

  /// Whether a mount that demands passthrough comes about.
  static let allowsPassthrough = (try? JobMount(of: MadeJob(), "passthrough=on")) != nil

  init(of job: MadeJob, _ options: String = "passthrough=auto") throws {
    scratch = try ScratchDirectory()
    point = try scratch.directory("mnt")
    let arguments = ["ckptfs", "mount", "flink:\(job.path)", point.string, "-o", options]
    let outcome = try Tool.run(arguments)
    guard outcome.status == 0 else {
      throw UnexpectedEnd(command: arguments.joined(separator: " "), outcome: outcome)
    }
  }

  deinit {
    // Where the mount is gone already nothing is left to do.
    _ = try? Tool.run(["ckptfs", "umount", point.string])
    _ = try? Tool.run(["bash", "-c", "umount -l '\(point)' || fusermount3 -uz '\(point)'"])
  }
}
