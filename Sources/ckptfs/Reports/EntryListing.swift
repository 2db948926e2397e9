// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FoundationEssentials

/// What a listing tells of one entry of a checkpoint.
struct EntryListing: Encodable {
  let path: PathListing
  /// Of directories there is no size, digest or count.
  let size: UInt64?
  let digest: String?
  let references: Int64?

  init(_ record: EntryRecord, _ naming: ContentNaming = .content) {
    path = PathListing(record.entry.path)
    size = record.entry.content?.size
    digest = naming == .content ? record.entry.content?.digest.hexadecimal : nil
    references = record.entry.content.map { _ in record.references }
  }
}

/// A path in JSON: a string, or its bytes where they are not UTF-8.
struct PathListing: Encodable, CustomStringConvertible {
  private enum CodingKeys: CodingKey {
    case base64
  }

  private let path: EntryPath

  init(_ path: EntryPath) {
    self.path = path
  }

  var description: String { path.description }

  func encode(to encoder: any Encoder) throws {
    if let text = path.text {
      var container = encoder.singleValueContainer()
      try container.encode(text)
    } else {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(Data(path.bytes).base64EncodedString(), forKey: .base64)
    }
  }
}
