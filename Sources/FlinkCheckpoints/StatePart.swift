// SPDX-License-Identifier: Apache-2.0

package import FlinkMetadata

/// A piece of a checkpoint's state: whose it is, what it is called, and where its bytes are.
package struct StatePart: Sendable {
  package enum Source: Hashable, Sendable {
    case handle(StreamHandle)
    /// Bytes of `_metadata` that no handle stands for.
    case range(MetadataRange)
  }

  package enum Owner: Hashable, Sendable {
    /// The hooks of the job's master.
    case master
    /// The coordinator of an operator.
    case coordinator(OperatorID)
    case subtask(OperatorID, Int32)
  }

  /// What it is, which says where it is shown.
  package enum Role: Hashable, Sendable {
    /// With its number from 0, since names may repeat.
    case masterState(Int, String)
    case coordinator
    /// A file of the subtask's RocksDB directory.
    case database(String)
    /// A file of a further RocksDB directory that the subtask has, by number from 1.
    case furtherDatabase(Int, String)
    /// Anything else, by its path in the subtask's directory of other state.
    case other(String)
  }

  package let owner: Owner
  package let role: Role
  package let source: Source
  /// Whether the file may be longer than was recorded, as files of changes are.
  package let mayBeLonger: Bool
}
