// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite("watch", .serialized, .timeLimit(.minutes(60)))
struct WatchTests {
  /// A watch under way, and what it has said.
  private final class Watch {
    let process = Process()
    private let output: FilePath
    private let errors: FilePath

    init(
      _ sample: Sample, database: FilePath? = nil, _ arguments: String..., every: String = "1s",
      output: FilePath? = nil, environment: [String: String] = [:]
    ) throws {
      self.output = output ?? sample.path.appending("watch.out")
      errors = sample.path.appending("watch.err")
      for path in output == nil ? [self.output, errors] : [errors] {
        try Data().write(to: URL(filePath: path.string))
      }
      process.executableURL = URL(filePath: Program.executable.string)
      process.arguments =
        [
          "watch", "--store", sample.store.string, "--db",
          (database ?? sample.database).string, "--history", "orders", "--every", every,
        ] + arguments
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.standardOutput = try FileHandle(forWritingTo: URL(filePath: self.output.string))
      process.standardError = try FileHandle(forWritingTo: URL(filePath: errors.string))
      try process.start()
    }

    deinit {
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var lines: [String] { Self.lines(output) }
    var complaints: [String] { Self.lines(errors) }

    private static func lines(_ path: FilePath) -> [String] {
      let text = (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map(String.init)
    }

    /// Waits until something is true of it.
    func wait(_ what: Comment, until condition: (Watch) -> Bool) throws {
      let limit = ContinuousClock.now + .seconds(90)
      while !condition(self) {
        if !process.isRunning || ContinuousClock.now > limit {
          Issue.record("\(what): never; \(lines) \(complaints)")
          throw CancellationError()
        }
        usleep(5000)
      }
    }

    /// - Returns: the exit status.
    func end(by signal: Int32 = SIGTERM) -> Int32 {
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      return process.terminationReason == .exit ? process.terminationStatus : -1
    }
  }

  private func write(_ key: String, to sample: Sample) throws {
    try Database(sample.database).put(Array(key.utf8), Array("value".utf8))
  }

  @Test("It takes a snapshot when the database has changed, and says once when it has not")
  func changes() throws {
    let sample = try Sample(committing: false)
    let watch = try Watch(sample)
    try watch.wait("unchanged") { $0.lines.count == 2 }
    #expect(watch.lines[0].hasPrefix("committed orders/chk-1: "))
    #expect(watch.lines[1] == "the database has not changed since orders/chk-1")
    try write("one", to: sample)
    try watch.wait("changed, then not") { $0.lines.count == 4 }
    #expect(watch.lines[2].hasPrefix("committed orders/chk-2: "))
    #expect(watch.lines[3] == "the database has not changed since orders/chk-2")
    #expect(watch.end() == 0 && watch.complaints.isEmpty)
    #expect(try sample.run("show", "orders/chk-3").status == 3)
    #expect(try sample.run("fsck", "--read-data").status == 0)
  }

  @Test("While the database is open it waits, and says so once; an absent one likewise")
  func obstacles() throws {
    let sample = try Sample(committing: false)
    let absent = sample.path.appending("later")
    let watch = try Watch(sample, database: absent, "--json")
    try watch.wait("absent") { $0.complaints.count == 1 }
    #expect(watch.complaints[0].contains("\"notFound\"") && watch.lines.isEmpty)
    do {
      let database = try Database(absent)
      try watch.wait("open") { $0.complaints.last?.contains("\"live\"") == true }
      try database.put(Array("a".utf8), Array("b".utf8))
    }
    try watch.wait("closed") { $0.lines.contains { $0.contains("\"event\":\"checkpoint\"") } }
    #expect(watch.complaints.count(where: { $0.contains("\"live\"") }) == 1)
    #expect(watch.end(by: SIGINT) == 0)
    #expect(try sample.run("show", "orders/chk-1").status == 0)
  }

  @Test("Retention drops what no rule keeps after each checkpoint, and frees the space")
  func retention() throws {
    let sample = try Sample(committing: false)
    let watch = try Watch(sample, "--keep-last", "2", "--json")
    for number in 1...4 {
      try watch.wait("chk-\(number)") {
        $0.lines.contains { $0.contains("\"unchanged\"") && $0.contains("\"number\":\(number)}") }
      }
      if number == 2 { try sample.succeed("tag", "orders/chk-1", "keep") }
      try write("key\(number)", to: sample)
    }
    try watch.wait("the last") { $0.lines.contains { $0.contains("\"number\":5}") } }
    #expect(watch.end() == 0)
    let pruned = watch.lines.filter { $0.contains("\"event\":\"pruned\"") }
    #expect(pruned.map { $0.contains("\"dropped\":[2]") } == [true, false])
    #expect(pruned.last?.contains("\"dropped\":[3]") == true)
    #expect(
      watch.lines.count { $0.contains("\"event\":\"checkpoint\"") && $0.contains("\"keptFiles\"") }
        == 5)
    #expect(try sample.run("show", "orders/tags/keep").status == 0)
    #expect(try sample.run("show", "orders/chk-3").status == 3)
    #expect(try sample.run("gc").output == "removed 0 unreferenced files, 0 B\n")
  }

  @Test("A store that cannot be used for a while is waited for; one that is none is told at once")
  func store() throws {
    let sample = try Sample(committing: false)
    let watch = try Watch(sample)
    try watch.wait("unchanged") { $0.lines.count == 2 }
    #expect(try Program.shell("mv store away", in: sample.path).status == 0)
    try watch.wait("away") { !$0.complaints.isEmpty }
    #expect(
      watch.complaints[0].contains("is no ckptfs store")
        && watch.complaints[0].hasSuffix("(waiting)"))
    #expect(try Program.shell("mv away store", in: sample.path).status == 0)
    try watch.wait("back") { $0.lines.count == 3 }
    #expect(watch.complaints.count == 1 && watch.end(by: SIGHUP) == 0)
    let wrong = try Program.run([
      "watch", "--store", "/nowhere", "--db", "/nowhere", "--history", "x", "--every", "1s",
    ])
    #expect(wrong.status == 3)
  }

  @Test("SIGTERM in the middle of a snapshot ends it at once, and harms nothing")
  func endInSnapshot() throws {
    let sample = try Sample(committing: false)
    // Large enough that it is still being hashed when the signal comes.
    let fill = try Program.shell("truncate -s 8G db/foreign", in: sample.path)
    #expect(fill.status == 0)
    let watch = try Watch(sample)
    let staging = sample.store.appending("staging").string
    try watch.wait("under way") { _ in
      (try? FileManager.default.subpathsOfDirectory(atPath: staging))?.count ?? 0 > 1
    }
    #expect(watch.end() == 0)
    #expect(watch.lines.isEmpty && watch.complaints.isEmpty)
    #expect(try sample.run("ls").output.contains("orders") == false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: staging).isEmpty)
    #expect(try sample.run("stats", "--json").output.contains("\"pendingCheckpoints\":0"))
    #expect(try sample.run("fsck").status == 0)
  }

  @Test("A service manager hears that it is ready, that it lives, and that it stops")
  func supervised() throws {
    let sample = try Sample(committing: false)
    let socket = try NotifySocket(named: sample.path.appending("notify").string)
    let watch = try Watch(
      sample, every: "1d",
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "200000"])
    let patience = Duration.seconds(60)
    #expect(try socket.receive(within: patience) == "READY=1")
    for _ in 0..<3 { #expect(try socket.receive(within: patience) == "WATCHDOG=1") }
    try watch.wait("taken") { $0.lines.count == 1 }
    #expect(watch.end() == 0)
    var last: String?
    while let news = try socket.receive(within: .zero) { last = news }
    #expect(last == "STOPPING=1")
  }

  @Test(
    "A service manager hears nothing from scrubbing while the thread that takes snapshots hangs")
  func hanging() throws {
    let sample = try Sample(committing: false)
    let socket = try NotifySocket(named: sample.path.appending("notify").string)
    let output = sample.path.appending("pipe")
    // Unsafe only as a C call: the string lives for its duration.
    try #require(unsafe mkfifo(output.string, 0o600) == 0)
    // A reader that does not read, and no room: the first line that is told hangs.
    let reader = try FileDescriptor.open(output, .readWrite, options: .nonBlocking)
    defer { try? reader.close() }  // nothing is to be kept of it
    #expect(throws: Errno.resourceTemporarilyUnavailable) {
      while true { _ = try reader.writeAll([UInt8](repeating: 0, count: 512)) }
    }
    let watch = try Watch(
      sample, "--scrub", "1%/day", every: "1d", output: output,
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "100000"])
    try watch.wait("taken") { _ in
      (try? sample.run("show", "orders/chk-1").status) == 0
    }
    var told = 0
    while told < 100, try socket.receive(within: .seconds(2)) != nil { told += 1 }
    #expect(told < 100)
  }

  @Test(
    "With --live it takes the database while it is open and written, and leaves nothing beside it")
  func live() throws {
    let sample = try Sample(committing: false)
    let database = try Database(sample.database)
    let watch = try Watch(sample, "--live", "--keep-last", "2")
    for number in 1...3 {
      try watch.wait("unchanged since chk-\(number)") {
        $0.lines.last == "the database has not changed since orders/chk-\(number)"
      }
      try database.put(Array("key\(number)".utf8), Array("value".utf8))
    }
    try watch.wait("the last") { $0.lines.last?.hasSuffix("orders/chk-4") == true }
    #expect(watch.end() == 0)
    #expect(watch.complaints.allSatisfy { $0.hasPrefix("assumed: ") } && !watch.complaints.isEmpty)
    let copy = sample.path.appending("copy")
    try sample.succeed("restore", "orders/latest", copy.string)
    #expect(try Database(readOnly: copy).get(Array("key3".utf8)) == Array("value".utf8))
    #expect(try sample.run("show", "orders/chk-2").status == 3)
    #expect(try sample.path.names.filter { $0.hasPrefix("db") } == ["db"])
    withExtendedLifetime(database) {}
  }

  @Test(
    "With --live a database that is absent is waited for, and one that holds still is not touched")
  func idle() throws {
    let sample = try Sample(committing: false)
    let socket = try NotifySocket(named: sample.path.appending("notify").string)
    let path = sample.path.appending("later")
    // So long a time that it tells only when it begins to look.
    let watch = try Watch(
      sample, database: path, "--live",
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "100000000"])
    func waitForLooks(_ count: Int) throws {
      while try socket.receive(within: .zero) != nil {}
      for _ in 0..<count { _ = try socket.receive(within: .seconds(60)) }
    }
    try watch.wait("absent") { $0.complaints.last?.contains("there is no directory") == true }
    let database = try Database(path)
    try database.put(Array("a".utf8), Array("b".utf8))
    try database.flush()
    try waitForLooks(2)
    try watch.wait("taken") { $0.lines.last?.hasPrefix("the database has not changed") == true }
    let known = watch.lines
    func changes() throws -> [Int64] {
      // A second name, and the directory that holds it, are seen by these.
      let files = try path.names.filter { $0.hasSuffix(".sst") || $0.hasSuffix(".log") }
        .map { path.appending($0) }
      return try (files + [sample.path]).map { try FileStatus(at: $0).changed }
    }
    let before = try changes()
    try waitForLooks(4)
    #expect(try changes() == before && watch.lines == known)
    try database.put(Array("c".utf8), Array("d".utf8))
    try watch.wait("changed") { $0.lines.count == known.count + 2 }
    // Somebody else's checkpoint is the latest: it need not hold what the database does.
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    try watch.wait("taken again") { $0.lines.count == known.count + 4 }
    #expect(watch.end() == 0)
    let copy = sample.path.appending("copy")
    try sample.succeed("restore", "orders/latest", copy.string)
    #expect(try Database(readOnly: copy).get(Array("c".utf8)) == Array("d".utf8))
    withExtendedLifetime(database) {}
  }

  @Test("Where nobody can be told it goes on all the same, and says so once")
  func unheard() throws {
    let sample = try Sample(committing: false)
    let watch = try Watch(sample, "--keep-last", "1", output: "/dev/full")
    func isThere(_ number: Int) -> Bool {
      (try? sample.run("show", "orders/chk-\(number)").status) == 0
    }
    try watch.wait("the first") { _ in isThere(1) }
    try write("one", to: sample)
    // Retention goes on, too.
    try watch.wait("the second alone") { _ in isThere(2) && !isThere(1) }
    #expect(watch.end() == 0)
    #expect(watch.complaints.count == 1)
    let said = "ckptfs: orders/chk-1 was committed, but standard output cannot be written to"
    #expect(watch.complaints.first?.hasPrefix(said) == true)
    #expect(watch.complaints.first?.hasSuffix("(the watch goes on)") == true)
  }

  @Test("Wrong calls are told at once")
  func wrongCalls() throws {
    let sample = try Sample(committing: false)
    let start = ["watch", "--store", sample.store.string, "--db", "db", "--history", "orders"]
    #expect(try Program.run(start).status == 64)
    for every in ["0s", "10", "x"] {
      #expect(try Program.run(start + ["--every", every]).status == 64)
    }
    #expect(try Program.run(start + ["--every", "1s", "--keep-last", "x"]).status == 64)
    #expect(try Program.run(start + ["--every", "1s", "--work-directory", "/tmp"]).status == 64)
  }
}
