// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Copies of files that somebody may be appending to.
///
/// They are not synced here: who takes them into the store does.
enum FileCopy {
  /// Copies what `source` has when it is opened, at most `bytes`; what is appended meanwhile is not.
  static func copy(_ source: FilePath, to target: FilePath, bytes: UInt64 = .max) throws {
    let file = try FileSystemCalls.open(
      source, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    defer { try? file.close() }  // nothing was written through it
    let status = try FileStatus(of: file, at: source)
    guard status.kind == .regular else {
      throw SnapshotError(
        .invalid, "'\(source)' is no regular file: this is no directory of RocksDB")
    }
    let size = min(bytes, status.size)
    try FileSystemCalls.write(target, options: [.create, .exclusiveCreate]) { copy in
      var buffer = [UInt8](repeating: 0, count: Int(min(max(size, 1), 1 << 20)))
      var offset: UInt64 = 0
      while offset < size {
        let count = try file.fill(&buffer, at: offset, path: source)
        if count == 0 { break }
        let wanted = min(count, Int(min(size - offset, UInt64(count))))
        try copy.write(all: buffer[..<wanted], path: target)
        offset += UInt64(wanted)
      }
    }
  }

  static func write(_ content: [UInt8], to target: FilePath) throws {
    try FileSystemCalls.write(target, options: [.create, .exclusiveCreate]) { file in
      try file.write(all: content[...], path: target)
    }
  }
}
