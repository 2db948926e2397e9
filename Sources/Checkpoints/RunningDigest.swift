// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation

/// The digest of a content that comes in pieces.
public struct RunningDigest: Sendable {
  private var hash = SHA256()

  public init() {}

  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    hash.update(data: bytes)
  }

  public func finish() -> Digest { Digest(hash.finalize()) }
}
