// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FoundationEssentials

/// What a listing tells of one file of a checkpoint.
struct EntryListing: Encodable {
  let path: PathListing
  let size: UInt64
  /// Of the bytes, where they are known.
  let digest: String?
  let references: Int64

  /// - Returns: `nil` for a directory or a link, which have none of these.
  init?(_ record: EntryRecord, _ naming: ContentNaming = .content) {
    guard let content = record.entry.content else { return nil }
    path = PathListing(record.entry.path)
    size = content.size
    digest = naming == .content ? content.digest.hexadecimal : nil
    references = record.references
  }
}

/// What a listing tells of one symbolic link of a checkpoint.
struct LinkListing: Encodable {
  let path: PathListing
  let target: String
}

/// What a checkpoint holds beside files, gathered while its files are listed.
struct OtherEntries {
  private(set) var directories: [PathListing] = []
  private(set) var links: [LinkListing] = []

  mutating func add(_ entry: Entry) {
    let path = PathListing(entry.path)
    switch entry.kind {
    case .directory: directories.append(path)
    case .link(let target):
      links.append(LinkListing(path: path, target: String(decoding: target, as: UTF8.self)))
    case .own, .shared: break
    }
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
