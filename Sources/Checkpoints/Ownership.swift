// SPDX-License-Identifier: Apache-2.0

/// The numeric user and group that own a file.
public struct Ownership: Hashable, Sendable {
  public let user: UInt32
  public let group: UInt32

  public init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }
}
