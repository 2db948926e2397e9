// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxFiles

/// The `ckptfs` program.
@main
enum Main {
  static func main() {
    // A reader that has seen enough (`| head`) is no reason to die in the midst of a change.
    ProcessSignals.ignoreBrokenPipe()
    exit(Invocation(Array(CommandLine.arguments.dropFirst())).run().rawValue)
  }
}
