// SPDX-License-Identifier: Apache-2.0

/// The name of a blob in its store: what it holds, and which incarnation of that content it is.
public struct BlobName: Hashable, Sendable, CustomStringConvertible {
  public let digest: Digest
  public let incarnation: Incarnation

  public init(digest: Digest, incarnation: Incarnation) {
    self.digest = digest
    self.incarnation = incarnation
  }

  /// Reads `DIGEST-INCARNATION`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let digest = Digest(hexadecimal: parts[0]),
      let number = Int64(parts[1]), number > 0, String(number) == parts[1]
    else { return nil }
    self.init(digest: digest, incarnation: Incarnation(rawValue: number))
  }

  public var description: String { "\(digest)-\(incarnation.rawValue)" }
}
