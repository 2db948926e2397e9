// SPDX-License-Identifier: Apache-2.0

/// Reads a `_metadata` from its beginning to its end, one subtask at a time.
///
/// It needs memory for one subtask's handles, a few numbers per operator and a window of 128 KiB,
/// whatever the file claims: state that is in the file itself stays there, as a range.
package struct MetadataReader {
  static let magic: Int32 = 0x4960_672D
  /// More than any job has; keeps a forged file from filling the memory.
  private static let maximumOperators = 1 << 16

  package let version: MetadataVersion
  /// Checkpoints and savepoints of a job are numbered together.
  package let checkpoint: Int64
  package let masterStates: [MasterState]

  var cursor: MetadataCursor
  private var operatorsLeft: Int
  private var operatorsSeen: Set<OperatorID> = []
  var subtasksLeft = 0
  var subtasksSeen: Set<Int32> = []
  var parallelism: Int32 = 0

  /// Reads what comes before the operators.
  package init(_ bytes: any MetadataBytes) throws(MetadataError) {
    var cursor = MetadataCursor(bytes)
    guard try cursor.integer("the mark of a Flink checkpoint", as: Int32.self) == Self.magic else {
      throw MetadataError(.notMetadata, in: bytes.path)
    }
    let number: Int32 = try cursor.integer("the version of the format")
    guard let version = MetadataVersion(rawValue: number) else {
      throw MetadataError(.unsupportedVersion(number), in: bytes.path, at: 4)
    }
    self.version = version
    checkpoint = try cursor.natural("the number of the checkpoint")
    masterStates = try cursor.masterStates()
    operatorsLeft = try cursor.count("operators", of: 28)
    guard operatorsLeft <= Self.maximumOperators else {
      throw MetadataError(
        .tooLarge(expected: "at most \(Self.maximumOperators) operators"), in: bytes.path,
        at: cursor.position - 4)
    }
    self.cursor = cursor
  }

  /// The next operator, or `nil` behind the last. Subtasks that were not asked for are read over.
  package mutating func nextOperator() throws(MetadataError) -> OperatorHeader? {
    while try nextSubtask() != nil {}
    guard operatorsLeft > 0 else { return nil }
    operatorsLeft -= 1
    cursor.beginPart()
    let offset = cursor.position
    let header = try operatorHeader()
    guard operatorsSeen.insert(header.id).inserted else {
      throw cursor.malformed(
        "each operator once", found: "\(header.id) for the second time", at: offset)
    }
    return header
  }

  /// That what was read until here is more than `expected`, for whoever keeps it.
  package func tooLarge(_ expected: String) -> MetadataError {
    MetadataError(.tooLarge(expected: expected), in: cursor.bytes.path, at: cursor.position)
  }

  /// Reads what comes behind the operators, which must have been read, and proves that the file is
  /// whole.
  ///
  /// - Returns: `nil` before version 4, and where a release of Flink wrote what is not known here.
  package mutating func finish() throws(MetadataError) -> CheckpointProperties? {
    while try nextOperator() != nil {}
    guard version >= .four else {
      guard cursor.remaining == 0 else {
        throw cursor.malformed(
          "the end of the file", found: "\(cursor.remaining) more bytes", at: cursor.position)
      }
      return nil
    }
    cursor.beginPart()
    return try cursor.properties()
  }
}
