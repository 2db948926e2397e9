// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Glibc
import LinuxFiles
import RocksDB
import Snapshots
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite("Security: a directory whose owner tricks who commits it", .timeLimit(.minutes(60)))
struct HostileDirectoryTests {
  private let secret = "the secret of another user, which no store is to hold"

  enum Thing: String, CaseIterable {
    case symbolicLink, danglingLink, pipe, socket, device

    /// Making devices takes root.
    static let possible = allCases.filter { $0 != .device || geteuid() == 0 }

    func make(at path: FilePath, secret: FilePath) throws {
      switch self {
      case .symbolicLink: try FileSystemCalls.makeSymbolicLink(path, to: secret)
      case .danglingLink: try FileSystemCalls.makeSymbolicLink(path, to: "nowhere")
      case .pipe: try shell("mkfifo", path.string)
      case .device: try shell("mknod", path.string, "c", "1", "5")
      case .socket:
        try shell(
          "python3", "-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])",
          path.string)
      }
    }

    private func shell(_ command: String...) throws {
      let outcome = try Tool.run(command)
      if outcome.status != 0 {
        throw UnexpectedEnd(command: command.joined(separator: " "), outcome: outcome)
      }
    }
  }

  private func secretFile(_ bench: Bench) throws -> FilePath {
    let file = try bench.scratch.directory("secrets").appending("secret.sst")
    try file.write(secret)
    try file.age()
    return file
  }

  private func expectNoSecret(_ bench: Bench) throws {
    let found = try Tool.run(["grep", "-rl", secret, bench("store").string])
    #expect(found.status == 1, "\(found)")
  }

  @Test(
    "what is no file is refused by name, at once and whatever its name", arguments: Thing.possible)
  func present(_ thing: Thing) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    try thing.make(at: checkpoint.appending("000099.sst"), secret: try secretFile(bench))
    for isUnchecked in [false, true] {
      let error = try bench.refusal {
        _ = try bench.store.commit(
          checkpoint, to: bench.orders, options: CommitOptions(isUnchecked: isUnchecked))
      }
      #expect(error.code == .invalid && error.message.contains("000099.sst"), "\(error)")
    }
    try expectNoSecret(bench)
    try bench.expectEmpty()
  }

  @Test(
    "what takes a table's place while the directory is taken is neither read nor waited for",
    arguments: Thing.possible)
  func swapped(_ thing: Thing) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let other = try secretFile(bench)
    let tables = try checkpoint.names.filter { $0.hasSuffix(".sst") }
    let error = try refusal(bench, checkpoint) {
      for table in tables.map(checkpoint.appending) {
        try FileSystemCalls.unlink(table)
        try thing.make(at: table, secret: other)
      }
    }
    #expect([.changed, .invalid].contains(error.code), "\(error)")
    try expectNoSecret(bench)
    try bench.expectEmpty()
  }

  @Test("a hard link to another file that takes a table's place is not taken for it")
  func otherLink() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let other = try secretFile(bench)
    let table = checkpoint.appending(
      try #require(try checkpoint.names.last { $0.hasSuffix(".sst") }))
    let error = try refusal(bench, checkpoint) {
      try FileSystemCalls.unlink(table)
      try FileSystemCalls.link(other, as: table)
    }
    #expect(error.code == .changed, "\(error)")
    try bench.expectEmpty()
    try expectNoSecret(bench)
  }

  @Test("a directory that becomes a link while it is taken leads nowhere")
  func directory() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let other = try secretFile(bench)
    let sub = try bench.scratch.directory("checkpoint/sub")
    try sub.appending("secret.sst").write(String(repeating: "x", count: secret.utf8.count))
    try sub.appending("secret.sst").setModified(try other.status.modified)
    let error = try refusal(bench, checkpoint) {
      try FileSystemCalls.rename(sub, to: bench("moved"))
      try FileSystemCalls.makeSymbolicLink(sub, to: other.removingLastComponent())
    }
    #expect([.changed, .invalid].contains(error.code), "\(error)")
    try expectNoSecret(bench)
  }

  @Test("the directory that was listed is the one that is taken, whatever gets its name")
  func root() throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let names = try checkpoint.names
    let others = try secretFile(bench).removingLastComponent()
    let once = Mutex(false)
    let report = try bench.store.commit(
      checkpoint, to: bench.orders, options: CommitOptions(isUnchecked: true)
    ) { _ in
      once.doOnce {
        try FileSystemCalls.rename(checkpoint, to: bench("moved"))
        try FileSystemCalls.makeSymbolicLink(checkpoint, to: others)
      }
    }
    #expect(try bench.entries(report).keys.map(\.description).sorted() == names)
    try expectNoSecret(bench)
  }

  @Test(
    "root does not keep a file that the directory's owner has linked in but may not read",
    .enabled(if: geteuid() == 0, "only root can give files away"), arguments: [0o600, 0o640, 0o644])
  func borrowed(_ mode: Int) throws {
    let bench = try Bench()
    let checkpoint = try bench.checkpoint()
    let other = try secretFile(bench)
    try other.setPermissions(mode)
    try other.setOwner(user: 1001, group: 1001)
    try checkpoint.setOwner(user: 1002, group: 1002)
    try FileSystemCalls.link(other, as: checkpoint.appending("000099.sst"))
    let options = CommitOptions(isUnchecked: true)
    if mode == 0o644 {
      _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
    } else {
      let error = try bench.refusal {
        _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
      }
      #expect(error.code == .invalid && error.message.contains("000099.sst"), "\(error)")
      try expectNoSecret(bench)
    }
    // What root itself has put together is root's to keep.
    try checkpoint.setOwner(user: 0, group: 0)
    _ = try bench.store.commit(checkpoint, to: bench.orders, options: options)
  }

  @Test(
    "root keeps a checkpoint in a sticky directory of all, and set-id bits are nobody's privilege",
    .enabled(if: geteuid() == 0, "only root can give files away"))
  func stickyAndSetID() throws {
    let bench = try Bench()
    let shared = try bench.scratch.directory("shared")
    try shared.setPermissions(0o1777)
    let checkpoint = shared.appending("checkpoint")
    try FileSystemCalls.rename(try bench.checkpoint(), to: checkpoint)
    for name in try checkpoint.names {
      try checkpoint.appending(name).setOwner(user: 1002, group: 1002)
      try checkpoint.appending(name).setPermissions(0o6755)
    }
    try checkpoint.setOwner(user: 1002, group: 1002)
    let report = try bench.store.commit(
      checkpoint, to: bench.orders, options: CommitOptions(ingest: .copy))
    let target = shared.appending("restored")
    _ = try bench.store.restore(try bench.record(report), to: target)
    for (name, status) in try target.statuses where name != "." {
      #expect(status.permissions & 0o6022 == 0 && status.user == 1002, "\(name)")
    }
    let blobs = try Tool.run(["find", bench("store").string, "-perm", "/6000"])
    #expect(blobs.output.isEmpty, "\(blobs.output)")
  }

  /// What a commit is refused with during which `change` is made.
  private func refusal(
    _ bench: Bench, _ checkpoint: FilePath, _ change: @escaping @Sendable () throws -> Void
  ) throws -> SnapshotError {
    let once = Mutex(false)
    return try bench.refusal {
      _ = try bench.store.commit(
        checkpoint, to: bench.orders, options: CommitOptions(ingest: .auto, isUnchecked: true)
      ) { _ in once.doOnce(change) }
    }
  }
}

extension Mutex<Bool> {
  fileprivate borrowing func doOnce(_ body: () throws -> Void) {
    withLock { isDone in
      if isDone { return }
      isDone = true
      do { try body() } catch { Issue.record(error) }
    }
  }
}
