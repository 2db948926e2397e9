// SPDX-License-Identifier: Apache-2.0

internal import Fuse
internal import Logging

/// What the parts of one mount know of themselves while it is there.
struct MountState: Sendable {
  let counters = SessionCounters()
  let openNodes = OpenNodes()
  let following = Following()
  let faults: FaultLog
  let passthrough: PassthroughFiles
  let recentSurvey = RecentSurvey()

  init(logger: Logger) {
    faults = FaultLog(logger: logger)
    passthrough = PassthroughFiles(logger: logger)
  }
}
