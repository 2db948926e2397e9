// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import FoundationEssentials

/// `chk-N.json`: what a checkpoint holds.
struct CheckpointReport: Encodable {
  struct File: Encodable {
    let path: ReportedPath
    let size: UInt64
    /// Of the bytes, where the source knows it.
    let digest: String?
    let references: Int64

    /// - Returns: `nil` for a directory or a link.
    init?(_ record: EntryRecord, _ naming: ContentNaming) {
      guard let content = record.entry.content else { return nil }
      path = ReportedPath(path: record.entry.path)
      size = content.size
      digest = naming == .content ? content.digest.hexadecimal : nil
      references = record.references
    }
  }

  let history: String
  let number: Int64
  let completedAt: String
  let files: Int64
  let fullBytes: Int64
  let newBytes: Int64
  let tags: [String]
  /// Files only, in the order of the listings, depth first.
  let entries: [File]
}

/// Text where the path is UTF-8, else `{"base64":…}`.
struct ReportedPath: Encodable {
  let path: EntryPath

  private enum CodingKeys: String, CodingKey {
    case base64
  }

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
