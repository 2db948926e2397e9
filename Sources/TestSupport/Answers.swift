// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `commit` and `snapshot` say with `--json`.
package struct Committed: Decodable {
  package let history: String
  package let number: Int
  package let files: Int
  package let newFiles: Int
  package let keptFiles: Int
  package let fullBytes: Int
  package let newBytes: Int
  package let durationSeconds: Double
  package let existing: Bool
}

/// What `ls` and `ls HISTORY` say.
package struct HistoryList: Decodable {
  package struct History: Decodable {
    package let name: String
    package let checkpoints: [Checkpoint]
  }

  package struct Checkpoint: Decodable {
    package let number: Int
    package let completedAt: String
    package let files: Int
    package let fullBytes: Int
    package let newBytes: Int
    package let uniqueBytes: Int
    package let tags: [String]
  }

  package let histories: [History]
}

/// What `ls CHECKPOINT` says.
package struct EntryList: Decodable {
  package let entries: [ListedEntry]
}

package struct ListedEntry: Decodable {
  package let path: ListedPath
  package let size: Int
  package let digest: String
  package let references: Int
}

/// Text, or bytes in base64 where they are not UTF-8.
package struct ListedPath: Decodable, Hashable {
  private struct Encoded: Decodable {
    let base64: Data
  }

  package let bytes: [UInt8]

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      bytes = Array(text.utf8)
    } else {
      bytes = Array(try container.decode(Encoded.self).base64)
    }
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What `stats` says.
package struct Statistics: Decodable {
  package let histories: Int
  package let checkpoints: Int
  package let blobs: Int
  package let blobBytes: Int
  package let logicalBytes: Int
  package let unreferencedBlobs: Int
  package let unreferencedBytes: Int
  package let neverReadBytes: Int
  package let notRecentlyReadBytes: Int
}

/// What `gc` says.
package struct Collected: Decodable {
  package let removedBlobs: Int
  package let removedBytes: Int
}

/// What `fsck` says.
package struct CheckAnswer: Decodable {
  package struct Problem: Decodable {
    package let kind: String
    package let path: String
    /// Of a notice all that it tells of.
    package let paths: [String]?
    package let checkpoints: [String]
    package let detail: String
  }

  package let clean: Bool
  package let problems: [Problem]
  package let notices: [Problem]
}
