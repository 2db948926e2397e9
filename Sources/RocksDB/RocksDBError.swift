// SPDX-License-Identifier: Apache-2.0
import CRocksDB
import Glibc
public import SystemPackage

/// What RocksDB itself reported, with the database or file it was asked about.
public struct RocksDBError: Error, Equatable, Sendable {
  public let message: String
  public let path: FilePath

  public init(message: String, path: FilePath) {
    self.message = message
    self.path = path
  }
}

extension RocksDBError {
  /// Whether it says that files are damaged; not where it could not read them, or does not know what it read.
  package var isCorruption: Bool { message.hasPrefix("Corruption: ") && !isOfInput }
  /// Whether a call on a file failed.
  package var isOfInput: Bool { message.contains("IO error: ") }
  /// Whether it could succeed at once if it was tried again.
  var isInterruption: Bool { isOfInput && message.hasSuffix("\(Errno.interrupted)") }
}

extension RocksDBError: CustomStringConvertible {
  public var description: String { "RocksDB failed on \(path): \(message)" }
}

/// Calls a function of the C API that reports failure through an error string, and frees it.
@safe
func checked<T>(
  _ path: FilePath, _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
) throws(RocksDBError) -> T {
  var text: UnsafeMutablePointer<CChar>? = nil
  let result = unsafe call(&text)
  guard let text = unsafe text else { return result }
  let message = unsafe String(cString: text)
  unsafe rocksdb_free(text)
  throw RocksDBError(message: message, path: path)
}

extension [UInt8] {
  /// The bytes as the C API takes them; the pointer is never nil and valid during the call.
  func withCBytes<T>(_ body: (UnsafePointer<CChar>, Int) -> T) -> T {
    let bytes = isEmpty ? [0] : self
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe body(buffer.assumingMemoryBound(to: CChar.self).baseAddress!, count)
    }
  }
}

/// Calls `body` with an array of C strings that lives during the call.
func withCStrings<T>(
  _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> T
) -> T {
  let copies = unsafe strings.map { unsafe strdup($0) }
  defer {
    for index in 0..<strings.count { unsafe free(copies[index]) }
  }
  let pointers = unsafe copies.map { unsafe UnsafePointer($0) }
  return unsafe body(pointers)
}
