// SPDX-License-Identifier: Apache-2.0

import Foundation
import RocksDB
import SystemPackage
import TestSupport

/// A new store, used only through the command, and room for databases and copies beside it.
final class Workbench: Sendable {
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try ckptfs("init")
  }

  func callAsFunction(_ name: String) -> FilePath { scratch.path.appending(name) }

  var store: FilePath { self("store") }

  private var variables: [String: String] {
    ["CKPTFS_STORE": store.string, "STORE": store.string, "AT": scratch.path.string]
  }

  /// Runs the command on the store.
  @discardableResult
  func ckptfs(_ arguments: String..., endingWith status: Int32 = 0) throws -> Outcome {
    let outcome = try Tool.run(["ckptfs"] + arguments, variables)
    guard outcome.status == status else {
      throw UnexpectedEnd(command: arguments.joined(separator: " "), outcome: outcome)
    }
    return outcome
  }

  /// Runs the command on the store with `--json`, and reads what it says.
  func json<Answer: Decodable>(
    _ type: Answer.Type, _ arguments: String..., endingWith status: Int32 = 0
  ) throws -> Answer {
    let outcome = try Tool.run(["ckptfs"] + arguments + ["--json"], variables)
    guard outcome.status == status else {
      throw UnexpectedEnd(command: arguments.joined(separator: " "), outcome: outcome)
    }
    return try outcome.decoded()
  }

  @discardableResult
  func commit(_ directory: String, to history: String, _ options: String...) throws -> Committed {
    let arguments = ["ckptfs", "commit", self(directory).string, "--history", history, "--json"]
    let outcome = try Tool.run(arguments + options, variables)
    guard outcome.status == 0 else {
      throw UnexpectedEnd(command: "commit \(directory)", outcome: outcome)
    }
    return try outcome.decoded()
  }

  func checkpoints(of history: String) throws -> [HistoryList.Checkpoint] {
    try json(HistoryList.self, "ls", history).histories.flatMap(\.checkpoints)
  }

  func entries(_ checkpoint: String) throws -> [ListedEntry] {
    try json(EntryList.self, "ls", checkpoint).entries
  }

  func statistics() throws -> Statistics { try json(Statistics.self, "stats") }

  func check(readData: Bool = true, endingWith status: Int32 = 0) throws -> CheckAnswer {
    readData
      ? try json(CheckAnswer.self, "fsck", "--read-data", endingWith: status)
      : try json(CheckAnswer.self, "fsck", endingWith: status)
  }

  /// Runs lines of shell, where `$AT` is this bench and `$STORE` its store, to their successful end.
  ///
  /// - Returns: what they printed, without the last line feed.
  @discardableResult
  func shell(_ lines: String, as user: User = .tester, _ more: [String: String] = [:]) throws
    -> String
  {
    let outcome = try attempt(lines, as: user, more)
    guard outcome.status == 0 else { throw UnexpectedEnd(command: lines, outcome: outcome) }
    return outcome.output.last == "\n" ? String(outcome.output.dropLast()) : outcome.output
  }

  func attempt(
    _ lines: String, as user: User = .tester, _ more: [String: String] = [:]
  ) throws -> Outcome {
    try Tool.run(
      user.prefix + ["bash", "-euo", "pipefail", "-c", lines],
      variables.merging(more) { _, new in new })
  }

  /// Runs `body` with the store mounted, through the command as everybody does.
  func withMount<Result>(
    options: String? = nil, _ body: (Mount) throws -> Result
  ) throws -> Result {
    let mount = try Mount(self, options: options)
    defer { withExtendedLifetime(mount) {} }
    let result = try body(mount)
    try mount.unmount()
    return result
  }

  /// A database that changes its files only when told to.
  func database(_ name: String, columnFamilies: [String] = []) throws -> Database {
    var options = DatabaseOptions()
    options.disableAutoCompactions = true
    options.compression = .none
    options.minimumBlobSize = 2048
    options.trackLogs = true
    return try Database(self(name), columnFamilies: columnFamilies, options: options)
  }
}

/// Whom a tool runs as.
enum User: CaseIterable {
  /// Who runs the tests.
  case tester
  case nobody

  var prefix: [String] {
    self == .tester ? [] : ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  }

  static let canChange = getuid() == 0 && Tool.exists("setpriv")
}

extension Database {
  /// Puts a row for each number, with values of one length.
  func fill(
    _ keys: Range<Int>, _ letter: Character = "v", length: Int = 100, in family: String? = nil
  ) throws {
    let family = family.flatMap { columnFamily($0) }
    for key in keys {
      try put(
        Array("key-\(1_000_000 + key)".utf8),
        Array(repeating: letter.asciiValue ?? 0, count: length),
        in: family)
    }
  }

  /// All rows of a column family.
  func rows(of family: String) throws -> [[UInt8]: [UInt8]] {
    var rows: [[UInt8]: [UInt8]] = [:]
    try scan(in: columnFamily(family)) { key, value in
      rows[key] = value
      return true
    }
    return rows
  }
}
