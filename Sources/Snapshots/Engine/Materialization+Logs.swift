// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

extension Materialization {
  /// The same files, with a copy in the place of each log that is a hard link of the database's.
  ///
  /// RocksDB writes no more to such a log, but cuts off the room that it had reserved behind its end when it closes it, some time after
  /// it was linked. That changes the file's time, for which it would be taken for one that is written to.
  func separatingLogs(_ files: [SeenFile]) throws -> [SeenFile] {
    try files.map { file in
      guard file.status.links > 1, file.source.path.parent == nil,
        let name = file.source.path.text, case .log = DirectoryEntry(name)
      else { return file }
      let copy = FilePath(file.source.location.string + ".copy")
      try self.copy(file.source.location, to: copy, size: file.status.size)
      var separated = SeenFile(
        SourceFile(path: file.source.path, location: copy, kind: file.source.kind),
        try FileStatus(at: copy))
      separated.isGivenAway = true
      return separated
    }
  }

  private func copy(_ source: FilePath, to target: FilePath, size: UInt64) throws {
    let file = try FileSystemCalls.open(source, .readOnly, options: [.closeOnExec, .noFollow])
    defer { try? file.close() }  // nothing was written through it
    var copied: UInt64 = 0
    try FileSystemCalls.write(target, options: [.create, .exclusiveCreate]) { copy in
      try file.forEachPiece(path: source) { (piece) throws(FileError) in
        guard !cancellation.isRequested else { throw FileError("read", source, .canceled) }
        try copy.write(all: piece, path: target)
        copied += UInt64(piece.count)
      }
      try copy.setModified(FileStatus(of: file, at: source).modified, path: target)
    }
    guard copied == size else {
      throw SnapshotError(
        .changed,
        "'\(source)' was written to after RocksDB had handed it over: \(size) bytes became \(copied)"
      )
    }
  }
}
