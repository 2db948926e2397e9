// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

extension FileDescriptor {
  /// Reads what comes next into `buffer`, as much as fits, less only at the end of the file.
  ///
  /// - Returns: how many bytes were read; 0 at the end.
  func fill(_ buffer: inout [UInt8], path: FilePath) throws(FileError) -> Int {
    try unsafe Self.fill(&buffer, path) { rest, _ in try unsafe read(into: rest) }
  }

  /// Reads from byte `offset` into `buffer`, as much as fits, less only at the end of the file.
  ///
  /// - Returns: how many bytes were read.
  public func fill(
    _ buffer: inout [UInt8], at offset: UInt64, path: FilePath
  ) throws(FileError) -> Int {
    try unsafe Self.fill(&buffer, path) { rest, filled in
      try unsafe read(fromAbsoluteOffset: Int64(offset) + Int64(filled), into: rest)
    }
  }

  /// - Parameter read: reads into the rest of the buffer, of which so many bytes are filled already.
  private static func fill(
    _ buffer: inout [UInt8], _ path: FilePath,
    _ read: (_ rest: UnsafeMutableRawBufferPointer, _ filled: Int) throws -> Int
  ) throws(FileError) -> Int {
    do {
      return try unsafe buffer.withUnsafeMutableBytes { bytes in
        var filled = 0
        while filled < bytes.count {
          let count = try unsafe read(
            UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]), filled)
          if count == 0 { break }
          filled += count
        }
        return filled
      }
    } catch {
      throw FileError("read", path, error as? Errno ?? .ioError)
    }
  }

  /// Calls `body` with the file's content from the current place on, piece by piece.
  public func forEachPiece(
    path: FilePath, _ body: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    // Most files of a checkpoint are small, and clearing a great buffer takes longer than reading them.
    let size = try FileStatus(of: self, at: path).size
    var buffer = [UInt8](repeating: 0, count: Int(min(max(size, 4096), 1 << 20)))
    while true {
      let count = try fill(&buffer, path: path)
      if count == 0 { return }
      try body(buffer[..<count])
    }
  }

  /// Writes all of `bytes`.
  public func write(
    all bytes: ArraySlice<UInt8>, path: FilePath
  ) throws(FileError) {
    do {
      try writeAll(bytes)
    } catch {
      throw FileError("write", path, error as? Errno ?? .ioError)
    }
  }

  /// Closes the file, reporting what only then fails.
  public func close(reporting path: FilePath) throws(FileError) {
    do {
      try close()
    } catch {
      throw FileError("close", path, error as? Errno ?? .ioError)
    }
  }
}

extension FileSystemCalls {
  /// The whole of a small file.
  ///
  /// - Throws: ``FileError`` with `fileTooLarge` when it has more than `limit` bytes.
  public static func contents(of path: FilePath, limit: Int) throws(FileError) -> [UInt8] {
    let file = try open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    defer { try? file.close() }  // nothing was written through it
    let status = try FileStatus(of: file, at: path)
    guard status.kind == .regular, status.size <= UInt64(limit) else {
      throw FileError("read", path, status.kind == .regular ? .fileTooLarge : .invalidArgument)
    }
    // One byte more than it has shows whether it grew meanwhile.
    var buffer = [UInt8](repeating: 0, count: Int(status.size) + 1)
    let count = try file.fill(&buffer, path: path)
    guard count <= Int(status.size) else { throw FileError("read", path, .fileTooLarge) }
    return Array(buffer.prefix(count))
  }
}
