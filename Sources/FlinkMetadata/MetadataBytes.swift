// SPDX-License-Identifier: Apache-2.0

package import SystemPackage

/// Where the bytes of a `_metadata` are: a file or memory.
package protocol MetadataBytes: Sendable {
  /// For messages.
  var path: FilePath { get }
  /// In bytes.
  var size: UInt64 { get }

  /// Fills `buffer` from byte `offset`, less only at the end.
  ///
  /// - Returns: how many bytes were read.
  func read(at offset: UInt64, into buffer: inout [UInt8]) throws(MetadataError) -> Int
}

extension [UInt8]: MetadataBytes {
  package var path: FilePath { "_metadata" }
  package var size: UInt64 { UInt64(count) }

  package func read(
    at offset: UInt64, into buffer: inout [UInt8]
  ) throws(MetadataError) -> Int {
    guard offset < size else { return 0 }
    let part = self[Int(offset)...].prefix(buffer.count)
    buffer.replaceSubrange(..<part.count, with: part)
    return part.count
  }
}
