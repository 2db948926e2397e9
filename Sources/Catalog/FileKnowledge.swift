// SPDX-License-Identifier: Apache-2.0

/// What the evidence of earlier hashes tells of a file.
package enum FileKnowledge: Hashable, Sendable {
  case unknown
  /// It is the very file that was hashed, and nothing was written to it since.
  ///
  /// - isBlob: it was hard-linked into the store, so the blob's file is this file, and looks as it does.
  case unchanged(BlobRecord, isBlob: Bool)
  /// It is the very file that was hashed, but it was written to since.
  case changed
}
