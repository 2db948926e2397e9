// SPDX-License-Identifier: Apache-2.0

/// The random name of something in flight: of its lock file and of its staging area.
package struct OwnerToken: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init() {
    description = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
  }

  /// - Returns: `nil` unless `text` is what some token's description was.
  package init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16, UInt64(text, radix: 16) != nil, text == text.lowercased() else {
      return nil
    }
    description = String(text)
  }
}
