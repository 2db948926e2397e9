// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Foundation
import Glibc
import LinuxFiles
import SystemPackage

/// What the program takes in by itself: directories that somebody else has made.
extension Performer {
  func commitDirectory(
    _ history: String, _ number: Int64, _ files: [SyntheticFile], _ trick: DirectoryTrick?
  ) throws {
    let place = SourceTree.directory(in: sources.work, history, number)
    _ = try sources.make(files + (trick?.kept ?? []), history, number)
    try FileTree.give(place, to: SourceTree.owner)
    try inScratch { scratch in
      try trick?.play(in: place, outside: scratch)
      try run(
        ["commit", "--unchecked", place.string, "--history", history, "--number", "\(number)"],
        scratch)
    }
    try sources.remove(history, number)
  }

  func importFlink(
    _ history: String, _ number: Int64, _ files: [SyntheticFile], _ trick: FlinkTrick?
  ) throws {
    try inScratch { scratch in
      let checkpoint = try SyntheticJob(files, number, trick).make(in: scratch.appending("job"))
      try run(["import", "flink:\(checkpoint)", "--history", history], scratch)
    }
  }

  private func inScratch(_ body: (FilePath) throws -> Void) throws {
    let scratch = sources.work.appending("scratch")
    try FileSystemCalls.removeTree(scratch)
    try FileSystemCalls.makeDirectory(scratch)
    let result = Result { try body(scratch) }
    try FileSystemCalls.removeTree(scratch)
    try result.get()
  }

  /// - Throws: ``StoreError`` with the code that the program told; a ``Violation`` when it left something or told what a terminal
  ///   would obey.
  private func run(_ arguments: [String], _ scratch: FilePath) throws {
    let temporary = scratch.appending("temporary")
    try FileSystemCalls.makeDirectory(temporary)
    let process = CommandProcess(
      arguments + ["--json"], store: site.appending("store"), temporary: temporary,
      reports: scratch)
    let outcome = try process.run(steps: ProcessInfo.processInfo.environment["CKPTFS_STEPS"] ?? "")
    // Its steps are those of this process, which is to die of them.
    if outcome.wasKilled, outcome.status == SIGKILL { kill(getpid(), SIGKILL) }
    guard !outcome.wasKilled else { throw Violation("P10", "it crashed: \(outcome.errors)") }
    guard try DirectoryListing.names(in: temporary).isEmpty else {
      throw Violation("P10", "it left something in $TMPDIR: \(outcome.errors)")
    }
    if outcome.status != 0 { throw try StoreError(Told(outcome.errors)) }
  }
}

/// The error that the program told, as JSON.
private struct Told: Decodable {
  struct Details: Decodable {
    let code: String
    let message: String
  }

  let error: Details

  init(_ errors: String) throws {
    do {
      self = try JSONDecoder().decode(Told.self, from: Data(errors.utf8))
    } catch {
      throw Violation("P10", "it told no error, but '\(errors)'")
    }
    if error.message.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      throw Violation("P10", "what it told is not for a terminal: \(errors)")
    }
  }
}

extension StoreError {
  fileprivate init(_ told: Told) throws {
    let codes: [Code] = [.busy, .exists, .refused, .invalid, .damaged, .noSuchCheckpoint]
    guard let code = codes.first(where: { "\($0)" == told.error.code }) else {
      throw Violation("P10", "it failed as \(told.error.code): \(told.error.message)")
    }
    self.init(code, told.error.message)
  }
}
