// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import SystemPackage

/// Standard error: one line for a failure, and notes.
enum ErrorOutput {
  static func write(_ failure: Failure, asJSON: Bool) {
    let json = asJSON ? try? JSONText.of(ErrorReport(failure)) : nil
    write((json ?? "ckptfs: \(failure.message)") + "\n")
  }

  static func write(line: String) { write(line.printable + "\n") }

  /// There is nowhere left to tell that standard error is closed.
  static func write(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }
}

private struct ErrorReport: Encodable {
  struct Details: Encodable {
    let code: String
    let message: String
  }

  let error: Details

  init(_ failure: Failure) {
    error = Details(code: failure.code, message: failure.message)
  }
}
