// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a process says while it runs.
enum Console {
  /// One call to write, so that a line is there at once, and whole or not at all.
  static func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
  }
}
