// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import LinuxFiles

/// The `ckptfs` program.
@main
enum Main {
  static func main() {
    do throws(FileError) {
      try StandardStreams.occupyClosed()
    } catch {
      ErrorOutput.write(Failure(error), asJSON: false)
      exit(ExitStatus.failed.rawValue)
    }
    FileCreationMask.allowOwner()
    // A reader that has seen enough (`| head`) is no reason to die in the midst of a change.
    ProcessSignals.ignoreBrokenPipe()
    exit(Invocation(Array(CommandLine.arguments.dropFirst())).run().rawValue)
  }
}
