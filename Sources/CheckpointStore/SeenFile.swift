// SPDX-License-Identifier: Apache-2.0

import Checkpoints
package import LinuxFiles

/// A file or directory as it looked at first: it must look so to the end.
package struct SeenFile: Sendable {
  package let source: SourceFile
  package let status: FileStatus
  /// Its inode was hashed before and has changed since: somebody writes to it in place, so a link to it
  /// would change too.
  var isWrittenInPlace = false
  /// Whoever made it for this checkpoint removes it after, and nobody else has it: its inode may become the blob's, whatever its
  /// kind.
  package var isGivenAway = false

  package init(_ source: SourceFile, _ status: FileStatus) {
    self.source = source
    self.status = status
  }

  var path: EntryPath { source.path }
  var kind: SourceFile.Kind { source.kind }
  var size: UInt64 { status.size }

  /// - Throws: code `sourceChanged` when one is not there.
  package static func looking(at sources: [SourceFile]) throws -> [SeenFile] {
    let statuses = try SourceFile.statuses(of: sources)
    return try zip(sources, statuses).map { source, status in
      guard let status else { throw changed(source) }
      return SeenFile(source, status)
    }
  }

  /// - Throws: code `invalid` when it is neither a regular file nor a directory, as its kind says.
  func checkKind() throws {
    let expected: FileStatus.Kind = kind == .directory ? .directory : .regular
    guard status.kind != expected else { return }
    let found =
      switch status.kind {
      case .regular: "a file"
      case .directory: "a directory"
      case .symbolicLink: "a symbolic link"
      case .special: "a socket, pipe or device"
      }
    let wanted =
      kind == .directory
      ? "a directory was expected" : "only regular files can be kept in a checkpoint"
    throw StoreError(.invalid, "'\(source.location)' is \(found): \(wanted)")
  }

  /// - Throws: code `sourceChanged` when a file is not what it was at first.
  static func recheck(_ files: [SeenFile]) throws {
    let statuses = try SourceFile.statuses(of: files.map(\.source))
    for (file, now) in zip(files, statuses) where now?.isUnchanged(since: file.status) != true {
      throw changed(file.source)
    }
  }

  /// Does `body`; where it fails and the file is gone, or no file any more, that is why.
  func blamingSource<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      // Where that cannot be told, the first error is the one to tell.
      let isAnother = (try? source.place.status()?.kind != status.kind) ?? false
      if isAnother { throw Self.changed(source) }
      throw error
    }
  }

  static func changed(_ source: SourceFile) -> StoreError {
    StoreError(
      .sourceChanged,
      "'\(source.location)' changed while it was taken in: commit a checkpoint's directory, which "
        + "nobody writes to, not a live database's")
  }
}
