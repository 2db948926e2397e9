// SPDX-License-Identifier: Apache-2.0

/// How far a long operation has come; called now and then, from any thread.
public struct Progress: Sendable {
  public let doneBytes: Int64
  public let totalBytes: Int64

  public init(doneBytes: Int64, totalBytes: Int64) {
    self.doneBytes = doneBytes
    self.totalBytes = totalBytes
  }
}

public typealias ProgressHandler = @Sendable (Progress) -> Void
