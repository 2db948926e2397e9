// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import SystemPackage

/// Lines for standard output, written in large portions.
struct StandardOutput: ~Copyable {
  private var buffer: [UInt8] = []

  /// Writes a line for people: what a terminal would obey is in none, whatever the names in it.
  ///
  /// - Throws: ``ClosedOutput`` when nobody reads any more.
  mutating func write(line: String) throws { try write(verbatim: line.printable) }

  /// Writes what is our own or JSON, as it is, and ends the line.
  ///
  /// - Throws: as ``write(line:)``.
  mutating func write(verbatim text: String) throws {
    buffer += text.utf8
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
