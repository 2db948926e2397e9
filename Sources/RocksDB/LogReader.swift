// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// Reads the records of a MANIFEST or write-ahead log in order, one 32 KiB block at a time.
///
/// Format of each physical record: masked CRC32C of all that follows from the type on (4 bytes,
/// little endian), payload length (2), type (1), with types 5–8 and odd ones from 10 the low half of
/// the log's number (4), payload. A record never crosses a block; the rest of a block that is too
/// short for a header is filled with zeros. See RocksDB's wiki, "Write Ahead Log File Format".
///
/// As RocksDB's own recovery does, a record that the end of the file cuts short ends the log and is
/// reported by ``tail``; whatever else is wrong throws, with the byte at which the record begins.
package struct LogReader: ~Copyable {
  package enum Kind: Equatable, Sendable {
    case manifest
    /// Records of other numbers are remains of the file's former life and end the log.
    case writeAheadLog(FileNumber)
  }

  /// How the file goes on behind its last complete record.
  package enum Tail: Equatable, Sendable {
    case complete
    /// A record begins at this byte and is cut short by the end of the file.
    case truncated(at: UInt64)
    /// Records of the log that used this file before begin at this byte.
    case recycled(at: UInt64)
  }

  package static let blockSize = 32 * 1024
  /// More than the snapshot record of a million tables; keeps a forged file from eating memory.
  private static let maximumRecordSize = 512 << 20
  private static let headerSize = 7
  private static let recyclableHeaderSize = 11

  /// Meaningful once ``next()`` has returned nil.
  package private(set) var tail = Tail.complete
  /// The end of the last complete record, in bytes from the beginning of the file.
  package private(set) var validLength: UInt64
  /// The compression type of a write-ahead log whose records are given as stored, compressed.
  package private(set) var compression: UInt32?
  /// Whether its records carry the log's number, as those do whose file may be reused.
  package private(set) var isRecyclable = false

  private let file: MetadataFile
  private let kind: Kind
  private var block = [UInt8](repeating: 0, count: LogReader.blockSize)
  private var blockOffset: UInt64
  /// What of the first block is passed over.
  private var lead: Int
  private var blockLength = 0
  private var position = 0
  private var isFinished = false
  /// Whether zeros were passed over since the last first fragment.
  private var hasGap = false

  /// - Parameter offset: where to begin: at 0, or where a complete record of this file ends.
  package init(_ file: consuming MetadataFile, kind: Kind, from offset: UInt64 = 0) {
    self.file = file
    self.kind = kind
    lead = Int(offset % UInt64(Self.blockSize))
    blockOffset = offset - UInt64(lead)
    validLength = offset
  }

  /// The next record, or nil at the end of the log.
  ///
  /// - Throws: `.corrupt`, `.unsupported` or `.io`; the reader must not be used afterwards.
  package mutating func next() throws(RocksDirectoryError) -> LogRecord? {
    var record: LogRecord?
    while let (fragment, offset, payload) = try nextFragment() {
      switch fragment {
      case .full, .first:
        if let begun = record, !begun.bytes.isEmpty {
          throw corrupt(at: begun.offset, "a record has no end")
        }
        let begun = LogRecord(offset: offset, bytes: Array(block[payload]))
        if fragment == .full { return complete(begun) }
        record = begun
        hasGap = false
      case .middle, .last:
        guard var begun = record.take(), !hasGap else {
          throw corrupt(at: offset, "a record has no start")
        }
        guard begun.bytes.count <= Self.maximumRecordSize else {
          throw corrupt(at: begun.offset, "a record is larger than \(Self.maximumRecordSize) bytes")
        }
        begun.bytes.append(contentsOf: block[payload])
        if fragment == .last { return complete(begun) }
        record = begun
      case .compression where kind != .manifest && payload.count == 4:
        compression = littleEndian(at: payload.lowerBound)
      case .metadata:
        break
      case .compression, .unknown:
        throw .unsupported(
          file: file.path, offset: offset, reason: "the record type is not known to this version")
      }
    }
    if let record, tail == .complete { tail = .truncated(at: record.offset) }
    return nil
  }

  private mutating func complete(_ record: LogRecord) -> LogRecord {
    validLength = blockOffset + UInt64(position)
    return record
  }

  /// The next physical record with the byte it begins at and its payload's place in the block.
  private mutating func nextFragment() throws(RocksDirectoryError) -> (
    LogFragment, UInt64, Range<Int>
  )? {
    while !isFinished {
      guard blockLength - position >= Self.headerSize else {
        if try loadBlock() { continue }
        return nil
      }
      let start = position
      let offset = blockOffset + UInt64(start)
      if block[start..<start + Self.headerSize].allSatisfy({ $0 == 0 }) {
        try skipPreallocated()
        continue
      }
      let length = Int(block[start + 4]) | Int(block[start + 5]) << 8
      let type = block[start + 6]
      guard let header = try headerSize(of: type, at: start, length: length) else { return nil }
      let end = start + header + length
      guard CRC32C.masked(CRC32C.checksum(block[start + 6..<end])) == littleEndian(at: start)
      else {
        if isRecyclable { return finish(.recycled(at: offset)) }
        throw corrupt(at: offset, "the checksum of a record does not match")
      }
      position = end
      return (LogFragment(type: type), offset, start + header..<end)
    }
    return nil
  }

  /// The size of the header at `start`; nil when the log ends here, and ``tail`` says how.
  private mutating func headerSize(
    of type: UInt8, at start: Int, length: Int
  ) throws(RocksDirectoryError) -> Int? {
    let offset = blockOffset + UInt64(start)
    let hasLogNumber = LogFragment.isRecyclable(type: type)
    let size = hasLogNumber ? Self.recyclableHeaderSize : Self.headerSize
    if hasLogNumber {
      guard case .writeAheadLog(let number) = kind else {
        // A MANIFEST is never a reused file; taking this for the end would hide a flipped bit.
        throw corrupt(at: offset, "a record of type \(type) cannot be in a MANIFEST")
      }
      if offset == 0 { isRecyclable = true }
      if blockLength - start >= size {
        if littleEndian(at: start + 7) == UInt32(truncatingIfNeeded: number.rawValue) {
          isRecyclable = true
        } else if isRecyclable {
          return finish(.recycled(at: offset))
        } else {
          // Taking this for the end would hide a flipped bit.
          throw corrupt(at: offset, "a record of another log follows records that name none")
        }
      }
    }
    guard start + size + length <= blockLength else {
      if blockLength < Self.blockSize { return finish(.truncated(at: offset)) }
      throw corrupt(at: offset, "a record of \(length) bytes crosses the end of its block")
    }
    return size
  }

  private mutating func finish<T>(_ tail: Tail) -> T? {
    self.tail = tail
    isFinished = true
    return nil
  }

  private mutating func loadBlock() throws(RocksDirectoryError) -> Bool {
    let isShort = blockLength > 0 && blockLength < Self.blockSize
    if isShort {
      let rest = block[position..<blockLength]
      if rest.contains(where: { $0 != 0 }) { tail = .truncated(at: blockOffset + UInt64(position)) }
      isFinished = true
      return false
    }
    blockOffset += UInt64(blockLength)
    blockLength = try file.read(at: blockOffset, into: &block)
    position = lead
    lead = 0
    isFinished = blockLength <= position
    return !isFinished
  }

  /// Passes over what the file system preallocated: zeros to the end of the block.
  private mutating func skipPreallocated() throws(RocksDirectoryError) {
    guard block[position..<blockLength].allSatisfy({ $0 == 0 }) else {
      throw corrupt(
        at: blockOffset + UInt64(position), "a record of type 0 is followed by other bytes")
    }
    position = blockLength
    hasGap = true
  }

  private func littleEndian(at index: Int) -> UInt32 {
    UInt32(block[index]) | UInt32(block[index + 1]) << 8 | UInt32(block[index + 2]) << 16
      | UInt32(block[index + 3]) << 24
  }

  private func corrupt(at offset: UInt64, _ reason: String) -> RocksDirectoryError {
    .corrupt(file: file.path, offset: offset, reason: reason)
  }
}
