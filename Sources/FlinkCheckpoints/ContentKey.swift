// SPDX-License-Identifier: Apache-2.0

import Checkpoints

/// Which content a digest stands for, where nobody has read the content to hash it.
///
/// A file's key is a hash of where it is, which is as good a name: Flink never writes a file twice.
/// What has an inode of its own is found by its place in its checkpoint, and needs no table.
enum ContentKey: Hashable, Sendable {
  case file(Digest)
  case own(CheckpointID, ordinal: Int)

  init(_ digest: Digest) {
    let bytes = digest.bytes
    guard bytes.prefix(16).allSatisfy({ $0 == 0 }) else {
      self = .file(digest)
      return
    }
    let id = Int64(bigEndian: bytes[16..<24])
    self = .own(CheckpointID(rawValue: id), ordinal: Int(Int64(bigEndian: bytes[24..<32])))
  }

  var digest: Digest {
    switch self {
    case .file(let digest): return digest
    case .own(let id, let ordinal):
      var bytes = [UInt8](repeating: 0, count: 16)
      for value in [id.rawValue, Int64(ordinal)] {
        for shift in stride(from: 56, through: 0, by: -8) {
          bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift)))
        }
      }
      guard let digest = Digest(bytes: bytes) else { preconditionFailure("a digest has 32 bytes") }
      return digest
    }
  }
}

extension Int64 {
  fileprivate init(bigEndian bytes: ArraySlice<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | Int64($1) }
  }
}

extension Digest {
  /// A number that stays the same for the same text, of as many bits as a mount has for ids.
  static func durableID(of text: String) -> Int64 {
    Digest(hashing: Array(text.utf8)).bytes.prefix(5).reduce(0) { $0 << 8 | Int64($1) }
      & (1 << 34 - 1)
  }
}
