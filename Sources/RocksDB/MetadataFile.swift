// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// A regular file of a RocksDB directory, open for reading at any offset.
///
/// Links and special files are refused, so that a hostile directory can neither lead out of itself
/// nor make a reader wait on a pipe.
package struct MetadataFile: ~Copyable {
  package let path: FilePath
  /// The size in bytes when the file was opened; what is appended later is not read.
  package let size: UInt64
  private let descriptor: FileDescriptor

  package init(_ path: FilePath) throws(RocksDirectoryError) {
    let descriptor: FileDescriptor
    do {
      descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.noFollow, .nonBlocking, .closeOnExec], retryOnInterrupt: true)
    } catch let error as Errno {
      throw .io(file: path, error)
    } catch {
      throw .io(file: path, .ioError)
    }
    var status = stat()
    guard unsafe fstat(descriptor.rawValue, &status) == 0 else {
      let error = Errno(rawValue: Glibc.errno)
      try? descriptor.close()
      throw .io(file: path, error)
    }
    guard status.st_mode & S_IFMT == S_IFREG, let size = UInt64(exactly: status.st_size) else {
      try? descriptor.close()
      throw .corrupt(file: path, offset: 0, reason: "it is not a regular file")
    }
    self.path = path
    self.size = size
    self.descriptor = descriptor
  }

  deinit { try? descriptor.close() }

  /// Fills `buffer` from byte `offset`, less only at the end of the file.
  ///
  /// - Returns: the number of bytes read, 0 at or behind ``size``.
  func read(at offset: UInt64, into buffer: inout [UInt8]) throws(RocksDirectoryError) -> Int {
    guard offset < size else { return 0 }
    let wanted = Int(min(UInt64(buffer.count), size - offset))
    var done = 0
    while done < wanted {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done..<wanted])
        return unsafe pread(
          descriptor.rawValue, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
      }
      if count == 0 { break }
      if count < 0 {
        let error = Errno(rawValue: Glibc.errno)
        if error == .interrupted { continue }
        throw .io(file: path, error)
      }
      done += count
    }
    return done
  }
}
