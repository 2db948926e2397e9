// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

extension FilePath {
  /// The path of `bytes` below this one: bytes, since names need not be UTF-8.
  ///
  /// - Precondition: `bytes` are a relative path without NUL.
  public func appending(bytes: [UInt8]) -> FilePath {
    precondition(!bytes.contains(0), "a path has no NUL")
    let tail = unsafe FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
    precondition(tail.isRelative, "only a relative path lies below another")
    return appending(tail.components)
  }

  /// The path as the kernel has it.
  public var bytes: [UInt8] {
    unsafe withPlatformString { text in
      unsafe UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) }
    }
  }
}
