// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// What a write-ahead log holds: which sequence numbers, up to which byte it is whole, and how.
package struct LogContents: Equatable, Sendable {
  package let number: FileNumber
  /// The size of the file in bytes when it was read.
  package let size: UInt64
  /// The end of the last whole record in bytes; what follows is no part of any.
  package let validLength: UInt64
  package let tail: LogReader.Tail
  package let batches: Int
  /// The sequence numbers of its batches; empty at 0 when it has none.
  package let sequences: Range<UInt64>
  /// Sequence numbers between its batches that none of them has, the first of them; ascending.
  package let gaps: [Range<UInt64>]
  /// Whether a batch begins with a smaller sequence number than the one before it ends with.
  package let goesBack: Bool
  /// Whether it has parts of transactions that are committed by later records.
  package let isTwoPhase: Bool
  /// Whether its file may be, or may become, another log's: `recycle_log_file_num`.
  package let isRecyclable: Bool
  /// Its batches could not be looked into: only the checksums of what is stored are verified.
  package let isCompressed: Bool

  /// More gaps than this are not told apart: a forged log must not eat memory.
  static let maximumGaps = 1024

  /// Reads all of the log, verifying the checksum of each record and the form of each batch.
  ///
  /// A record that the end of the file cuts short is what a writer, killed or still at it, leaves
  /// there; it is left out, and told of by ``tail``.
  ///
  /// - Throws: `.corrupt`, `.unsupported` or `.io`.
  package init(reading path: FilePath, number: FileNumber) throws(RocksDirectoryError) {
    let file = try MetadataFile(path)
    size = file.size
    var reader = LogReader(file, kind: .writeAheadLog(number))
    var run = SequenceRun()
    var isTwoPhase = false
    var batches = 0
    while let record = try reader.next() {
      batches += 1
      if reader.compression ?? 0 != 0 { continue }
      let batch = try LogBatch(decoding: record, of: path)
      isTwoPhase = isTwoPhase || batch.isTwoPhase
      run.append(batch)
    }
    self.number = number
    self.batches = batches
    self.isTwoPhase = isTwoPhase
    validLength = reader.validLength
    tail = reader.tail
    sequences = run.sequences
    gaps = run.gaps
    goesBack = run.goesBack
    isRecyclable = reader.isRecyclable
    isCompressed = reader.compression ?? 0 != 0
  }
}
