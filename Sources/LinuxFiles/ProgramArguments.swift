// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What this program was called with.
public enum ProgramArguments {
  /// An argument, or the value of the variable `name`, that is not UTF-8, repaired so that it can be shown.
  ///
  /// A `String` holds the repaired form only, which names another file.
  public static func unreadable(orVariable name: String) -> String? {
    for index in 0..<Int(CommandLine.argc) {
      // Unsafe as all C strings: these are the process's own, and stay where they are.
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { continue }
      if unsafe String(validatingCString: argument) == nil {
        return unsafe String(cString: argument)
      }
    }
    guard let value = unsafe getenv(name), unsafe String(validatingCString: value) == nil else {
      return nil
    }
    return unsafe String(cString: value)
  }
}
