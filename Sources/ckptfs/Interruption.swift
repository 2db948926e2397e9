// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc
import LinuxFiles

/// SIGINT, SIGTERM and SIGHUP for a command that takes long and can be gone on with.
enum Interruption {
  /// What the first of them requests; the second ends the process at once.
  ///
  /// To be asked for before other threads are made.
  static func cancellation() -> Cancellation {
    let cancellation = Cancellation()
    AwaitedSignals([SIGINT, SIGTERM, SIGHUP]).onArrival { _ in
      if cancellation.isRequested { _exit(ExitStatus.failed.rawValue) }
      cancellation.request()
    }
    return cancellation
  }
}
