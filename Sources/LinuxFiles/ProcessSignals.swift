// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What signals do to this process.
public enum ProcessSignals {
  /// Writing to a pipe that nobody reads fails from now on, instead of killing the process.
  public static func ignoreBrokenPipe() {
    _ = signal(SIGPIPE, SIG_IGN)
  }
}
