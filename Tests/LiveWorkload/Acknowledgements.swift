// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
package import SystemPackage

/// How far each thread of a writer is, in a file that other processes read: 8 bytes each, in the machine's order.
package struct Acknowledgements: Sendable {
  private let file: FileDescriptor
  private let path: FilePath

  package init(_ path: FilePath) throws {
    file = try FileDescriptor.open(
      path, .readWrite, options: [.create, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead])
    self.path = path
  }

  package func acknowledge(_ index: UInt64, of thread: Int) throws {
    var bytes: [UInt8] = []
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: index >> shift))
    }
    _ = try file.writeAll(toAbsoluteOffset: Int64(8 * thread), bytes)
  }

  /// What `thread` has acknowledged so far.
  package func read(of thread: Int) throws -> UInt64 {
    var bytes = [UInt8](repeating: 0, count: 8)
    // Less where it has acknowledged nothing yet.
    guard try file.fill(&bytes, at: UInt64(8 * thread), path: path) == 8 else { return 0 }
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  package func close() throws { try file.close() }
}
