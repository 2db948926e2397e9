// SPDX-License-Identifier: Apache-2.0

/// What a restore wrote.
public struct RestoreReport: Hashable, Sendable {
  public let files: Int64
  public let bytes: Int64
}
