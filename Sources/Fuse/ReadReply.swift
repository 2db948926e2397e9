// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// Where the bytes of a read are. More than was asked for is cut off; less means end of file.
package enum ReadReply: Sendable {
  /// A slice, so that content held in memory is sent without a copy of its own.
  case bytes(ArraySlice<UInt8>)
  /// `length` bytes from `offset` of an open file, which libfuse moves to the kernel.
  ///
  /// The descriptor must stay open until the handle that is being read is released: the kernel
  /// releases a handle only after all its reads were answered.
  case file(FileDescriptor, offset: Int64, length: Int)
}

extension ReadReply {
  /// In bytes.
  var length: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .file(_, _, let length): length
    }
  }
}
