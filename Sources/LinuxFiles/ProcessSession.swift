// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The session of this process: the processes that a terminal stops and ends together.
public enum ProcessSession {
  /// Leads a session of its own from now on, with no terminal. Changes nothing in a process that leads one, or a
  /// process group, already.
  public static func begin() {
    _ = setsid()
  }
}
