// SPDX-License-Identifier: Apache-2.0

import Foundation
import LiveWorkload
import RocksDB
import Synchronization
import SystemPackage

/// A program that writes to its database until its standard input ends, or until it is killed.
///
/// Arguments: the database's directory, the file for acknowledgements, how many threads, and what
/// is special: `atomicFlush`, `trackLogs`, `blobs`, `unlogged` (all writes), `mixed` (each 50th write skips the log), or an
/// option of RocksDB as `name=value`.
struct Writer {
  let database: Database
  let families: [ColumnFamily]
  let acknowledgements: Acknowledgements
  let threads: Int
  let special: Set<String>

  static func main() {
    do {
      try Writer(CommandLine.arguments).run()
    } catch {
      FileHandle.standardError.write(Data("LiveWriter: \(error)\n".utf8))
      exit(1)
    }
  }

  init(_ arguments: [String]) throws {
    special = Set(arguments.dropFirst(4))
    var options = DatabaseOptions()
    options.atomicFlush = special.contains("atomicFlush")
    options.trackLogs = special.contains("trackLogs")
    options.minimumBlobSize = special.contains("blobs") ? 100 : nil
    options.writeBufferSize = 128 << 10
    options.targetFileSize = 256 << 10
    options.others = ["max_background_jobs": "2"]
    for option in special {
      let parts = option.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { options.others[String(parts[0])] = String(parts[1]) }
    }
    let opened = try Database(
      FilePath(arguments[1]), columnFamilies: Workload.families, options: options)
    database = opened
    families = Workload.families.compactMap { opened.columnFamily($0) }
    acknowledgements = try Acknowledgements(FilePath(arguments[2]))
    threads = Int(arguments[3]) ?? 1
  }

  func run() throws {
    let isDone = Flag()
    Thread.detachNewThread {
      while (try? FileHandle.standardInput.read(upToCount: 1)) ?? nil != nil {}
      isDone.raise()
    }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      do {
        try write(as: thread, until: isDone)
      } catch {
        failures.withLock { $0.append("\(error)") }
        isDone.raise()
      }
    }
    let failed = failures.withLock { $0 }
    if !failed.isEmpty { throw Violation(what: failed.joined(separator: "; ")) }
  }

  private func write(as thread: Int, until isDone: Flag) throws {
    let workload = Workload(thread: thread)
    var index = try workload.check(database)
    while !isDone.isRaised {
      index += 1
      try workload.write(index, to: database, families, log: use(index))
      try acknowledgements.acknowledge(index, of: thread)
    }
  }

  private func use(_ index: UInt64) -> LogUse {
    if special.contains("unlogged") { return .skipped }
    return special.contains("mixed") && index % 50 == 0 ? .skipped : .written
  }
}

private final class Flag: Sendable {
  private let value = Atomic(false)
  var isRaised: Bool { value.load(ordering: .relaxed) }
  func raise() { value.store(true, ordering: .relaxed) }
}
