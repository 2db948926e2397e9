// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints

/// A blob that is in the store for good: placed and synced.
package struct BlobRecord: Hashable, Sendable {
  package let name: BlobName
  /// In bytes.
  package let size: UInt64
  /// The time that its file carries; another one there means that somebody wrote to it (promise P9).
  package let modified: Timestamp
  /// Who owned the file that it came from.
  package let owner: Ownership
  /// How its own file in the store looked when it came in.
  package let access: FileAccess
  /// A check found other bytes in it than its digest says: it is shown to nobody, and relied on by nobody.
  package let isCondemned: Bool

  package var content: Content {
    Content(digest: name.digest, size: size, modified: modified)
  }

  package init(
    name: BlobName, size: UInt64, modified: Timestamp, owner: Ownership, access: FileAccess,
    isCondemned: Bool = false
  ) {
    self.name = name
    self.size = size
    self.modified = modified
    self.owner = owner
    self.access = access
    self.isCondemned = isCondemned
  }
}

/// What a blob holds.
package enum BlobKind: Int64, Sendable {
  case content = 0
  /// The text of a page, for rebuilding a lost catalog.
  case page = 1
}

/// A staged content that wants a name.
package struct NewBlob: Sendable {
  package let content: Content
  package let owner: Ownership
  package let access: FileAccess

  package init(_ staged: StagedBlob) {
    self.init(content: staged.content, owner: staged.owner, access: staged.access)
  }

  package init(content: Content, owner: Ownership, access: FileAccess) {
    self.content = content
    self.owner = owner
    self.access = access
  }
}

/// What `reserve` gives for a content; pinned either way.
package enum Reservation: Sendable {
  /// It is in the store already.
  case kept(BlobRecord)
  /// The name to place it under.
  case new(BlobName)
}
