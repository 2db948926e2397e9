// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Dispatch
import Glibc
import LinuxFiles
import Synchronization
import SystemPackage

/// Threads that read all that a mount shows, again and again.
final class Readers: Sendable {
  struct Seen: Sendable {
    /// Checkpoints whose every file was read.
    var whole = 0
    /// Checkpoints that went while they were read.
    var gone = 0
  }

  private struct State {
    var isOver = false
    var seen = Seen()
    var failure: (any Error)?
  }

  private let root: String
  private let expected: ExpectedCheckpoints
  private let state = Mutex(State())
  private let group = DispatchGroup()

  /// They begin at once.
  init(of mount: FilePath, _ expected: ExpectedCheckpoints, threads: Int) {
    root = mount.string
    self.expected = expected
    for _ in 0..<threads {
      DispatchQueue.global().async(group: group) { self.read() }
    }
  }

  /// - Throws: ``Violation`` when one saw what it must not see.
  func finish() throws -> Seen {
    state.withLock { $0.isOver = true }
    group.wait()
    let (seen, failure) = state.withLock { ($0.seen, $0.failure) }
    if let failure { throw failure }
    return seen
  }

  private var isOver: Bool { state.withLock { $0.isOver } }

  private func read() {
    do {
      while !isOver { try readAll() }
    } catch {
      state.withLock { $0.failure = $0.failure ?? error }
    }
  }

  private func readAll() throws {
    for history in try names(root) ?? [] {
      for name in try names("\(root)/\(history)") ?? [] {
        if isOver { return }
        guard let number = CheckpointNumber(directoryName: name)?.rawValue,
          let expected = expected.entries(of: history, number)
        else { continue }
        try describing("\(history)/\(name), as a reader sees it") {
          let path = "\(root)/\(history)/\(name)"
          let found = try entries(of: path, "")
          if found == nil { try requireGone(path) }
          if let found, found != expected.mapValues({ $0?.digest }) {
            throw Violation(
              "P1",
              "it has \(found.keys.sorted()), not \(expected.keys.sorted()), or other contents")
          }
          state.withLock { state in
            if found == nil { state.seen.gone += 1 } else { state.seen.whole += 1 }
          }
        }
      }
    }
  }

  /// Something in a checkpoint was not there: all of it must be gone, as soon as the kernel was told.
  private func requireGone(_ path: String) throws {
    let deadline = ContinuousClock.now + MountView.patience
    while try present({ try FileStatus(at: FilePath(path)) }) != nil {
      guard ContinuousClock.now < deadline else {
        throw Violation("P1", "a part of it was missing, and it is still there")
      }
      usleep(1000)
    }
  }

  /// The digests of all files, `nil` for directories; nothing when it went meanwhile.
  private func entries(of directory: String, _ prefix: String) throws -> [String: Digest?]? {
    guard let names = try names(directory) else { return nil }
    var found: [String: Digest?] = [:]
    for name in names {
      let path = "\(directory)/\(name)"
      guard let kind = try present({ try FileStatus(at: FilePath(path)).kind }) else { return nil }
      if kind == .directory {
        guard let below = try entries(of: path, "\(prefix)\(name)/") else { return nil }
        found[prefix + name] = .some(nil)
        found.merge(below) { $1 }
      } else {
        let bytes = try present { try FileSystemCalls.contents(of: FilePath(path), limit: 1 << 20) }
        guard let bytes else { return nil }
        found[prefix + name] = .some(Digest(hashing: bytes))
      }
    }
    return found
  }

  private func names(_ directory: String) throws -> [String]? {
    try present {
      try DirectoryListing.names(in: FilePath(directory))
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// What was dropped is not there any more, and fails in no other way.
  private func present<Value>(_ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch let error as FileError
      where [.noSuchFileOrDirectory, .staleNFSFileHandle].contains(error.errno)
    {
      return nil
    }
  }
}
