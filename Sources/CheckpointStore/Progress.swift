// SPDX-License-Identifier: Apache-2.0

/// How far a long operation has come; called now and then, from any thread.
public struct Progress: Sendable {
  public let doneBytes: Int64
  public let totalBytes: Int64
  /// How many of the total had been done before this operation began.
  public let earlierBytes: Int64

  public init(doneBytes: Int64, totalBytes: Int64, earlierBytes: Int64 = 0) {
    self.doneBytes = doneBytes
    self.totalBytes = totalBytes
    self.earlierBytes = earlierBytes
  }
}

public typealias ProgressHandler = @Sendable (Progress) -> Void
