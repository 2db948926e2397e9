// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Foundation
import LinuxFiles
import SystemPackage

/// Compares what a mount shows with a model: names, kinds, sizes, link counts, inode numbers, bytes, links.
///
/// A change may reach it a moment later: a name is there or not yet, a link count is the one before. What never changes
/// is never shown otherwise: the bytes, size and inode number of a file, and what lies in a checkpoint.
struct MountView {
  /// What a mount may show for a moment, until it was told of a change.
  struct Difference: Error, CustomStringConvertible {
    let description: String
  }

  /// How soon it must show a change. It promises a second, which `MountedTests` holds it to alone; here it and all its peers have
  /// to share a busy machine, and what is lost stays lost.
  static let patience: Duration = .seconds(30)

  let root: String
  /// Until when the store may be unreadable to the mount, since its catalog was replaced or failed it.
  private var interrupted = ContinuousClock.now
  /// Of the contents of shared files: they never change, whatever happens to the mount.
  private var inodes: [Digest: UInt64] = [:]
  /// The numbers that were seen, each of one content only.
  private var contents: [UInt64: Digest] = [:]

  init(_ root: FilePath) { self.root = root.string }

  /// For a moment from now on the mount may answer EIO, and nothing else that is wrong.
  mutating func expectInterruption() { interrupted = .now + Self.patience }

  /// All that is there is as in the model, and nothing else is there.
  mutating func check(_ model: Model) throws {
    try changing { view in try view.compare(model) }
  }

  /// One checkpoint is as in the model, absent or there.
  mutating func check(_ history: String, _ number: Int64, in model: Model) throws {
    try changing { view in
      let path = "\(view.root)/\(history)/chk-\(number)"
      if let checkpoint = model.histories[history]?[number] {
        try view.compare(
          checkpoint, at: path, model.references, model.isFirst(number, of: history))
      } else if try FileSystemCalls.exists(FilePath(path)) {
        throw Difference(description: "\(history)/chk-\(number) is shown")
      }
    }
  }

  /// One history lists what the model has in it; an absent one cannot be listed.
  func checkNames(of history: String, in model: Model) throws {
    try eventually {
      if let checkpoints = model.histories[history] {
        try compareNames(of: history, checkpoints)
      } else if try FileSystemCalls.exists(FilePath("\(root)/\(history)")) {
        throw Difference(description: "\(history) is shown")
      }
    }
  }

  /// One file is as in the model, absent or there.
  mutating func check(
    _ history: String, _ number: Int64, _ path: String, in model: Model
  ) throws {
    try changing { view in
      let shown = FilePath(text: "\(view.root)/\(history)/chk-\(number)/\(path)")
      if let held = model.histories[history]?[number]?.entries[path] {
        try view.compare(held, at: shown, model.references, model.isFirst(number, of: history))
      } else if try FileSystemCalls.exists(shown) {
        throw Difference(description: "\(shown) is shown")
      }
    }
  }

  /// Opens a file, whose content is given back.
  func open(_ path: String) throws -> FileDescriptor {
    try eventually { try FileSystemCalls.open(FilePath(text: "\(root)/\(path)"), .readOnly) }
  }

  /// As ``eventually(_:)``, of what it learns about inode numbers.
  private mutating func changing(_ body: (inout MountView) throws -> Void) throws {
    var view = self
    defer { self = view }
    try eventually { try body(&view) }
  }

  /// What may be wrong for a moment is looked at again: a name, a count, a file that was there when it was listed.
  private func eventually<Result>(_ body: () throws -> Result) throws -> Result {
    // What is shown from then on may be old for as long as always.
    let deadline = max(.now, interrupted) + Self.patience
    var pause: UInt32 = 500
    while true {
      do {
        return try body()
      } catch {
        if error is Violation { throw error }
        if (error as? FileError)?.errno == .ioError, ContinuousClock.now >= interrupted {
          throw Violation("P9", "what is sound cannot be read: \(error)")
        }
        guard ContinuousClock.now < deadline else {
          throw Violation("P9", "the mount still shows it otherwise: \(error)")
        }
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }

  // MARK: Comparing

  private mutating func compare(_ model: Model) throws {
    let references = model.references
    try expect(root, model.histories.keys)
    for (history, checkpoints) in model.histories {
      let path = "\(root)/\(history)"
      try compareNames(of: history, checkpoints)
      var moments: [Int64: Int64] = [:]
      for (number, checkpoint) in checkpoints {
        for tag in checkpoint.tags { try expect(link: "\(path)/tags/\(tag)", "../chk-\(number)") }
        try compare(
          checkpoint, at: "\(path)/chk-\(number)", references, model.isFirst(number, of: history))
        moments[number] = try FileStatus(at: FilePath("\(path)/chk-\(number)")).modified
      }
      try compare(moments, with: model.numbers[history]?.used ?? [], path)
    }
  }

  private func compareNames(
    of history: String, _ checkpoints: [Int64: Model.Checkpoint]
  ) throws {
    let path = "\(root)/\(history)"
    let names = checkpoints.keys.map { "chk-\($0)" }
    try expect(path, names + ["latest", "tags", "by-time"])
    try expect(link: "\(path)/latest", "chk-\(checkpoints.keys.max() ?? 0)")
    try expect("\(path)/tags", checkpoints.values.flatMap(\.tags))
  }

  /// Directories have the times of completion, in that order, and `by-time` tells of each.
  private func compare(_ moments: [Int64: Int64], with order: [Int64], _ path: String) throws {
    let inOrder = order.compactMap { moments[$0] }
    guard inOrder == inOrder.sorted() else {
      throw Difference(description: "the times in \(path) are not in the order of completion")
    }
    var names: [String] = []
    for (value, moment) in moments {
      guard let number = CheckpointNumber(rawValue: value) else { continue }
      let name = TimeName(completed: Timestamp(nanoseconds: moment), number: number).description
      names.append(name)
      try expect(link: "\(path)/by-time/\(name)", "../chk-\(value)")
    }
    try expect("\(path)/by-time", names)
  }

  /// - Parameter isFirst: whether there was no other checkpoint at that path, so that it can only be absent or right.
  private mutating func compare(
    _ checkpoint: Model.Checkpoint, at path: String, _ references: [Digest: Int], _ isFirst: Bool
  ) throws {
    var listed: [String: [String]] = ["": []]
    for (entry, held) in checkpoint.entries {
      let parts = entry.split(separator: "/")
      listed[parts.dropLast().joined(separator: "/"), default: []].append(String(parts.last ?? ""))
      if held == nil { listed[entry, default: []] += [] }
    }
    for (directory, names) in listed {
      try settling(isFirst) {
        try expect(directory.isEmpty ? path : "\(path)/\(directory)", names)
      }
    }
    for (entry, held) in checkpoint.entries {
      try compare(held, at: FilePath(text: "\(path)/\(entry)"), references, isFirst)
    }
  }

  private mutating func compare(
    _ held: Model.Held?, at path: FilePath, _ references: [Digest: Int], _ isFirst: Bool
  ) throws {
    let status = try FileStatus(at: path)
    try settling(isFirst) {
      try expect(
        held == nil
          ? status.kind == .directory && status.permissions == 0o755
          : status.kind == .regular && status.permissions == 0o644, "\(path): \(status)")
    }
    guard let held else { return }
    let bytes = try FileSystemCalls.contents(of: path, limit: 1 << 20)
    try settling(isFirst) {
      try expect(Digest(hashing: bytes) == held.digest, "\(path) has other bytes")
      try expect(
        Int(status.size) == bytes.count, "\(path) has \(status.size) bytes, not \(bytes.count)")
      if held.isShared { try compare(status.inode, of: held.digest, path) }
    }
    if held.isShared { (inodes[held.digest], contents[status.inode]) = (status.inode, held.digest) }
    let links = held.isShared ? references[held.digest] ?? 0 : 1
    try expect(
      Int(status.links) == links, "\(path) has the link count \(status.links), not \(links)")
  }

  /// One content is one inode, always, and no other content's.
  private func compare(_ inode: UInt64, of digest: Digest, _ path: FilePath) throws {
    try expect(
      inodes[digest] ?? inode == inode && contents[inode] ?? digest == digest,
      "\(path) has the inode number \(inode), its content had another")
  }

  // MARK: Expecting

  /// What differs in `body` is wrong at once, not only when it stays so.
  private func settling(_ isSettled: Bool, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let difference as Difference where isSettled {
      throw Violation("P9", "the mount showed it otherwise: \(difference)")
    }
  }

  private func expect(_ isTrue: Bool, _ otherwise: @autoclosure () -> String) throws {
    if !isTrue { throw Difference(description: otherwise()) }
  }

  private func expect(_ directory: String, _ names: some Sequence<String>) throws {
    let found = try DirectoryListing.names(in: FilePath(text: directory))
      .map { String(path: $0) }.sorted()
    let expected = names.sorted()
    try expect(found == expected, "\(directory) lists \(found) instead of \(expected)")
  }

  private func expect(link path: String, _ target: String) throws {
    let found = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    try expect(found == target, "\(path) leads to \(found) instead of \(target)")
  }
}
