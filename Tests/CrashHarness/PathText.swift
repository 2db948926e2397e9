// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Paths as text, whatever their bytes: a model and a printed trace have them as strings.
///
/// A path that is not UTF-8 has a character of a private area, U+10F780 to U+10F7FF, for each byte from 0x80 on.
extension String {
  private static let first: UInt32 = 0x10F700

  init(path: [UInt8]) {
    if let text = String(validating: path, as: UTF8.self) {
      self = text
      return
    }
    self.init()
    for byte in path {
      let value = byte < 0x80 ? UInt32(byte) : Self.first + UInt32(byte)
      if let scalar = Unicode.Scalar(value) { unicodeScalars.append(scalar) }
    }
  }

  /// Whether it stands for bytes that are not UTF-8; quick to see, as it is asked of every path.
  private var isOfBytes: Bool {
    utf8.contains(0xF4) && unicodeScalars.contains { $0.value > Self.first }
  }

  var pathBytes: [UInt8] {
    guard isOfBytes else { return Array(utf8) }
    return unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }
}

extension FilePath {
  /// - Parameter text: an absolute path.
  init(text: String) {
    let bytes = text.pathBytes
    self =
      bytes.count == text.utf8.count
      ? FilePath(text) : FilePath("/").appending(bytes: Array(bytes.dropFirst()))
  }

  func appending(text: String) -> FilePath {
    let bytes = text.pathBytes
    return bytes.count == text.utf8.count ? appending(text) : appending(bytes: bytes)
  }
}
