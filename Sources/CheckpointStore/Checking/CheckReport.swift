// SPDX-License-Identifier: Apache-2.0

public import Checkpoints

/// What checking a store found.
public struct CheckReport: Sendable {
  /// How far reading all blobs has come.
  public struct Reading: Hashable, Sendable {
    /// When the run that was gone on with began; `nil` when all was read by this one.
    public let resumed: Timestamp?
    /// What earlier runs had read, in bytes.
    public let earlierBytes: Int64
    public internal(set) var readBytes: Int64
    /// The bytes of all blobs.
    public let totalBytes: Int64
    public internal(set) var isComplete: Bool
  }

  /// What is wrong, and was not repaired.
  public internal(set) var problems: [Problem] = []
  /// What was wrong, and is right now.
  public internal(set) var repaired: [Problem] = []
  /// Worth knowing, but no damage.
  public internal(set) var notices: [Notice] = []
  /// `nil` when not every blob was to be read.
  public internal(set) var reading: Reading?
  /// What ended it before all was looked at.
  public internal(set) var failure: StoreError?

  init(problems: [Problem] = []) {
    self.problems = problems
  }

  /// What a check came to that ended before it found anything.
  package init(failure: StoreError) { self.failure = failure }

  /// Whether all that was to be looked at was, and nothing is wrong.
  public var isClean: Bool {
    problems.isEmpty && failure == nil && reading?.isComplete != false
  }
  var saysNothing: Bool { problems.isEmpty && repaired.isEmpty && notices.isEmpty }
}
