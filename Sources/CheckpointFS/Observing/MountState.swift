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
  /// Each look-up, opening and reading of a control file makes its content, and a survey of half a million blobs takes a
  /// second.
  let survey = RecentlyMade<StoreSurvey>()

  init(logger: Logger) {
    faults = FaultLog(logger: logger)
    passthrough = PassthroughFiles(logger: logger)
  }
}
