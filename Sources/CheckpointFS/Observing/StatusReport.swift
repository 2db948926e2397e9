// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Logging

/// `status.json`: what is mounted, by whom, since when, how, and whether all is well.
struct StatusReport: Encodable {
  struct Options: Encodable {
    let allowOther: Bool
    let extendedAttributes: Bool
    let logLevel: String
    let passthrough: String
    let uid: UInt32?
    let gid: UInt32?
    /// Octal, as the option is written.
    let umask: String
  }

  struct Passthrough: Encodable {
    let active: Bool
    /// Why not.
    let reason: String?
  }

  struct Newest: Encodable {
    let checkpoint: String
    let completedAt: String
  }

  struct Faults: Encodable {
    let damaged: UInt64
    let unavailable: UInt64
  }

  struct Failure: Encodable {
    let at: String
    let message: String
  }

  let version: String
  let processID: Int32
  let source: String
  let mountPoint: String
  let mountedSince: String
  let options: Options
  let passthrough: Passthrough
  /// `notified`: the kernel is told of changes; `expiring`: it asks again soon.
  let changes: String
  let openFiles: Int
  let faults: Faults
  let lastError: Failure?
  /// What is wrong with the source; then all that follows is absent.
  let unavailable: String?
  let histories: Int?
  let newestCheckpoint: Newest?
  let checkpoints: Int64?
  let pendingCheckpoints: Int64?
  let blobs: Int64?
  let blobBytes: Int64?
  let logicalBytes: Int64?
  let unreferencedBlobs: Int64?
  let unreferencedBytes: Int64?
  let neverReadBytes: Int64?
  let notRecentlyReadBytes: Int64?
  let oldestReading: String?

  private enum CodingKeys: String, CodingKey {
    case version
    case processID = "pid"
    case source
    case mountPoint
    case mountedSince
    case options
    case passthrough
    case changes
    case openFiles
    case faults
    case lastError
    case unavailable
    case histories
    case newestCheckpoint
    case checkpoints
    case pendingCheckpoints
    case blobs
    case blobBytes
    case logicalBytes
    case unreferencedBlobs
    case unreferencedBytes
    case neverReadBytes
    case notRecentlyReadBytes
    case oldestReading
  }

  init(_ report: MountReport) {
    version = report.facts.version
    processID = report.facts.processID
    source = report.sourceName
    mountPoint = report.facts.mountPoint
    mountedSince = report.facts.mounted.rfc3339
    options = Options(report.options)
    passthrough = Passthrough(
      active: report.passthroughRefusal == nil, reason: report.passthroughRefusal)
    changes = report.isFollowing ? "notified" : "expiring"
    openFiles = report.openFiles
    faults = Faults(damaged: report.faults.damaged, unavailable: report.faults.unavailable)
    lastError = report.faults.last.map { Failure(at: $0.time.rfc3339, message: $0.message) }
    unavailable = if case .failure(let error) = report.survey { error.message } else { nil }
    let survey = try? report.survey.get()  // its error was told above
    histories = survey?.histories
    newestCheckpoint = survey?.newest.map {
      Newest(checkpoint: $0.checkpoint.description, completedAt: $0.completed.rfc3339)
    }
    checkpoints = survey?.sizes?.checkpoints
    pendingCheckpoints = survey?.sizes?.pendingCheckpoints
    blobs = survey?.sizes?.blobs
    blobBytes = survey?.sizes?.blobBytes
    logicalBytes = survey?.sizes?.logicalBytes
    unreferencedBlobs = survey?.sizes?.unreferencedBlobs
    unreferencedBytes = survey?.sizes?.unreferencedBytes
    neverReadBytes = survey?.reading?.neverReadBytes
    notRecentlyReadBytes = survey?.reading?.notRecentlyReadBytes
    oldestReading = survey?.reading?.oldest?.rfc3339
  }
}

extension StatusReport.Options {
  fileprivate init(_ options: MountOptions) {
    allowOther = options.allowOther
    extendedAttributes = options.extendedAttributes
    logLevel = options.logLevel.rawValue
    passthrough = options.passthrough.rawValue
    uid = options.user
    gid = options.group
    let digits = String(options.umask, radix: 8)
    umask = String(repeating: "0", count: 3 - digits.count) + digits
  }
}
