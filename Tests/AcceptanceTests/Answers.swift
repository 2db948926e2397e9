// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `commit` and `snapshot` say with `--json`.
struct Committed: Decodable {
  let history: String
  let number: Int
  let files: Int
  let newFiles: Int
  let keptFiles: Int
  let fullBytes: Int
  let newBytes: Int
  let existing: Bool
}

/// What `ls` and `ls HISTORY` say.
struct HistoryList: Decodable {
  struct History: Decodable {
    let name: String
    let checkpoints: [Checkpoint]
  }

  struct Checkpoint: Decodable {
    let number: Int
    let files: Int
    let fullBytes: Int
    let newBytes: Int
    let uniqueBytes: Int
    let tags: [String]
  }

  let histories: [History]
}

/// What `ls CHECKPOINT` says.
struct EntryList: Decodable {
  let entries: [ListedEntry]
}

struct ListedEntry: Decodable {
  let path: ListedPath
  let size: Int
  let digest: String
  let references: Int
}

/// Text, or bytes in base64 where they are not UTF-8.
struct ListedPath: Decodable, Hashable {
  private struct Encoded: Decodable {
    let base64: Data
  }

  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      bytes = Array(text.utf8)
    } else {
      bytes = Array(try container.decode(Encoded.self).base64)
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// What `stats` says.
struct Statistics: Decodable {
  let histories: Int
  let checkpoints: Int
  let blobs: Int
  let blobBytes: Int
  let logicalBytes: Int
  let unreferencedBlobs: Int
  let unreferencedBytes: Int
}

/// What `gc` says.
struct Collected: Decodable {
  let removedBlobs: Int
  let removedBytes: Int
}

/// What `fsck` says.
struct CheckAnswer: Decodable {
  struct Problem: Decodable {
    let kind: String
    let path: String
    let checkpoints: [String]
    let detail: String
  }

  let clean: Bool
  let problems: [Problem]
}
