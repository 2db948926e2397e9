// SPDX-License-Identifier: Apache-2.0
import Foundation
import RocksDB
import SystemPackage
import Testing

@Suite struct DirectoryLockTests {
  @Test("without a LOCK file there is nothing to hold, and none is made")
  func absent() throws {
    let scratch = try ScratchDirectory()
    #expect(try DirectoryLock.probe(scratch.path) == .absent)
    #expect(throws: DirectoryLockError.absent(scratch("LOCK"))) {
      _ = try DirectoryLock(locking: scratch.path)
    }
    #expect(try sizes(in: scratch.path).isEmpty)
  }

  @Test("a LOCK that is a link or a pipe is refused, and not waited for")
  func notRegular() throws {
    let scratch = try ScratchDirectory()
    #expect(unsafe mkfifo(scratch("LOCK").string, 0o600) == 0)
    #expect(throws: DirectoryLockError.notRegular(scratch("LOCK"))) {
      _ = try DirectoryLock.probe(scratch.path)
    }
    try FileManager.default.removeItem(atPath: scratch("LOCK").string)
    try FileManager.default.createSymbolicLink(
      atPath: scratch("LOCK").string, withDestinationPath: "CURRENT")
    #expect(throws: DirectoryLockError.notRegular(scratch("LOCK"))) {
      _ = try DirectoryLock(locking: scratch.path)
    }
  }

  @Test("a database open in this process holds its lock, and keeps it when it is probed")
  func sameProcess() throws {
    let scratch = try ScratchDirectory()
    let path = scratch("db")
    do {
      let database = try Database(path)
      for _ in 0..<2 {
        #expect(try DirectoryLock.probe(path) == .held(pid: getpid()))
        #expect(throws: DirectoryLockError.held(path.appending("LOCK"), pid: getpid())) {
          _ = try DirectoryLock(locking: path)
        }
      }
      // RocksDB's lock itself, not only its bookkeeping: another process is still kept out.
      if let ldb = Tool.ldb {
        #expect(try ldb.run(["--db=\(path)", "put", "a", "b"]).status != 0)
      }
      try database.put(bytes("a"), bytes("b"))
    }
    #expect(try DirectoryLock.probe(path) == .free)
  }

  @Test("while the lock is held RocksDB cannot open the directory; afterwards it can")
  func keepsRocksDBOut() throws {
    let scratch = try ScratchDirectory()
    let path = scratch("db")
    _ = try Database(path)
    let before = try FileManager.default.attributesOfItem(atPath: path.appending("LOCK").string)
    let names = try sizes(in: path)
    try hold(path) { () throws -> Void in
      #expect(try DirectoryLock.probe(path) != .free)
      #expect {
        _ = try Database(path)
      } throws: {
        "\($0)".contains("lock")
      }
      #expect(throws: DirectoryLockError.self) { _ = try DirectoryLock(locking: path) }
      if let ldb = Tool.ldb {
        #expect(try ldb.run(["--db=\(path)", "put", "a", "b"]).status != 0)
      }
    }
    let after = try FileManager.default.attributesOfItem(atPath: path.appending("LOCK").string)
    #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
    #expect(Set(try sizes(in: path).keys).isSuperset(of: names.keys))
    #expect(try DirectoryLock.probe(path) == .free)
    _ = try Database(path)
  }

  private func hold(_ path: FilePath, _ body: () throws -> Void) throws {
    let lock = try DirectoryLock(locking: path)
    try body()
    _ = consume lock
  }

  @Test(
    "a database open in another process is held, by that process",
    .enabled(if: Tool.ldb != nil, "ldb of the package rocksdb-tools is not installed"))
  func otherProcess() throws {
    let scratch = try ScratchDirectory()
    let path = scratch("db")
    _ = try Database(path)
    let commands = Pipe()
    let (process, _) = try #require(Tool.ldb).start(["--db=\(path)", "query"], input: commands)
    let held = DirectoryLock.State.held(pid: process.processIdentifier)
    let isHeld = try eventually { try DirectoryLock.probe(path) == held }
    #expect(isHeld)
    #expect(
      throws: DirectoryLockError.held(path.appending("LOCK"), pid: process.processIdentifier)
    ) { _ = try DirectoryLock(locking: path) }
    try commands.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(try DirectoryLock.probe(path) == .free)
  }
}
