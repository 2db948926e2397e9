// SPDX-License-Identifier: Apache-2.0

/// Positions within a delegate, in the order of what they are positions of.
///
/// They stay in the file: a savepoint has one per key group and subtask, which only a restore needs.
package struct OffsetList: Hashable, Sendable {
  /// Eight bytes each.
  let range: MetadataRange

  package var count: Int { Int(range.count / 8) }

  /// Reads them from the metadata that the list was read from.
  package func load(from bytes: any MetadataBytes) throws(MetadataError) -> [Int64] {
    var buffer = [UInt8](repeating: 0, count: Int(range.count))
    guard try bytes.read(at: range.offset, into: &buffer) == buffer.count else {
      throw MetadataError(.truncated(expected: "offsets"), in: bytes.path, at: range.offset)
    }
    return stride(from: 0, to: buffer.count, by: 8).map { start in
      buffer[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) }
    }
  }
}
