// SPDX-License-Identifier: Apache-2.0

/// What the evidence of earlier hashes tells of a file.
package enum FileKnowledge: Hashable, Sendable {
  case unknown
  /// It is the very file that was hashed, and nothing was written to it since.
  case unchanged(BlobRecord)
  /// It is the very file that was hashed, but it was written to since.
  case changed
}
