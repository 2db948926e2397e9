// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Fuse

/// What a mount is, holds and has done, at one moment: all that ``StatusReport``, ``MetricsReport`` and ``Summary`` show.
struct MountReport: Sendable {
  let facts: MountFacts
  let options: MountOptions
  let sourceName: String
  let counters: SessionCounters
  let openFiles: Int
  let isFollowing: Bool
  /// `nil` where the kernel reads large files by itself.
  let passthroughRefusal: String?
  let faults: FaultRecord
  /// What is wrong where there is none: the rest is told all the same.
  let survey: Result<StoreSurvey, SourceError>
}

extension CheckpointTree {
  func report() -> MountReport {
    let survey = Result { () throws(SourceError) in
      try state.survey.value { () throws(SourceError) in try StoreSurvey(source) }
    }
    if case .failure(let error) = survey { state.faults.note(.source(error)) }
    return MountReport(
      facts: facts, options: options, sourceName: source.name, counters: state.counters,
      openFiles: state.openNodes.count, isFollowing: state.following.isActive,
      passthroughRefusal: state.passthrough.refusal?.description, faults: state.faults.record,
      survey: survey)
  }
}
