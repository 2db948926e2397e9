// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

/// A content opened for reading: a range of an open file, closed when the last reference goes.
public final class OpenFile: Sendable {
  public let descriptor: FileDescriptor
  /// Where the content begins in the file, in bytes.
  public let offset: Int64
  /// In bytes.
  public let length: Int64
  /// Whether the file holds this content and nothing else.
  public let isWhole: Bool
  /// Which of the files that ever held the content it is; `nil` where there is only ever one.
  public let incarnation: Incarnation?

  /// Takes over `descriptor`, of a file that may hold other things beside the content.
  public init(owning descriptor: FileDescriptor, offset: Int64, length: Int64) {
    self.descriptor = descriptor
    self.offset = offset
    self.length = length
    isWhole = false
    incarnation = nil
  }

  /// Takes over `descriptor`, of a file that is the content.
  public init(
    owningWhole descriptor: FileDescriptor, length: Int64, incarnation: Incarnation? = nil
  ) {
    self.descriptor = descriptor
    offset = 0
    self.length = length
    isWhole = true
    self.incarnation = incarnation
  }

  deinit {
    // A descriptor that was only read from has nothing left to report when it is closed.
    try? descriptor.close()
  }
}
