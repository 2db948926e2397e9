// SPDX-License-Identifier: Apache-2.0

import SystemPackage

/// Lines for standard output, written in large portions.
struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []

  /// - Throws: ``ClosedOutput`` when nobody reads any more.
  mutating func write(line: String) throws {
    buffer += line.utf8
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= 65_536 { try flush() }
  }

  mutating func flush() throws {
    do {
      try FileDescriptor.standardOutput.writeAll(buffer)
    } catch Errno.brokenPipe {
      throw ClosedOutput()
    } catch {
      throw Failure(.failed, "io", "standard output cannot be written to: \(error)")
    }
    buffer = []
  }
}

/// Whoever read our output has seen enough; that is no failure.
struct ClosedOutput: Error {
  /// Whether this is what stopped a command, also beneath an error of the store.
  static func isReason(for error: any Error) -> Bool {
    error is ClosedOutput || (error as? any CausedError)?.cause is ClosedOutput
  }
}
