// SPDX-License-Identifier: Apache-2.0

/// Writes a `_metadata` of version 6 as Flink does: one operator whose subtasks have incremental RocksDB state.
struct MetadataWriter {
  struct File {
    let name: String
    /// As Flink records it.
    let path: String
    let size: Int64
  }

  private(set) var bytes: [UInt8] = []
  private let checkpoint: Int64
  private let maximumParallelism: Int32 = 32768
  private let parallelism: Int32

  init(checkpoint: Int64, parallelism: Int32) {
    self.checkpoint = checkpoint
    self.parallelism = parallelism
    integer(0x4960_672D as Int32)
    integer(6 as Int32)
    integer(checkpoint)
    integer(0 as Int32)  // states of the master
    integer(1 as Int32)  // operators
    text("Synthetic")
    text("synthetic-uid")
    integer(0x0123_4567_89AB_CDEF as Int64)
    integer(0x0123_4567_89AB_CDEF as Int64)
    integer(parallelism)
    integer(maximumParallelism)
    bytes.append(0)  // no coordinator
    integer(parallelism)
  }

  /// - Parameter inline: how many bytes of the subtask's MANIFEST are in `_metadata`.
  mutating func add(subtask: Int32, tables: [File], new: Int64, inline: Int) {
    integer(subtask)
    integer(0 as Int32)
    integer(0 as Int32)
    bytes.append(11)
    integer(checkpoint)
    text("1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    let groups = maximumParallelism / parallelism
    integer(subtask * groups)
    integer(groups)
    integer(new)
    content("states", count: 100)
    integer(Int32(tables.count))
    for table in tables {
      text(table.name)
      bytes.append(2)
      integer(table.size)
      text(table.path)
    }
    integer(2 as Int32)
    text("CURRENT")
    content("current", count: 16)
    text("MANIFEST-000004")
    content("manifest", count: inline)
    text("1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    bytes.append(0)
    integer(0 as Int32)
    integer(0 as Int32)
  }

  /// Ends the file; the properties are there, and null.
  mutating func finish() { bytes += [0xAC, 0xED, 0x00, 0x05, 0x70] }

  private mutating func content(_ name: String, count: Int) {
    bytes.append(1)
    text(name)
    integer(Int32(count))
    bytes += repeatElement(UInt8(ascii: "\n"), count: count)
  }

  private mutating func integer(_ value: some FixedWidthInteger) {
    for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  private mutating func text(_ text: String) {
    integer(UInt16(text.utf8.count))
    bytes += text.utf8
  }
}
