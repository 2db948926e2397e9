// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Fuse
internal import LinuxFiles

/// `metrics`: a ``MountReport`` for Prometheus. Documentation/Metrics.md describes each metric.
struct MetricsReport {
  let text: String

  init(_ report: MountReport, process: ProcessUsage?) {
    var writer = MetricsWriter()
    writer.addMount(report)
    writer.addRequests(report.counters)
    writer.addTraffic(report)
    writer.addFaults(report.faults)
    writer.addStore(report.survey)
    if let process { writer.addProcess(process) }
    text = writer.text
  }
}

extension MetricsWriter {
  fileprivate mutating func addMount(_ report: MountReport) {
    gauge(
      "ckptfs_build_info", "The version of ckptfs; always 1.",
      [Sample(["version": report.facts.version], 1)])
    gauge(
      "ckptfs_mount_info", "What is mounted where; always 1.",
      [Sample(["source": report.sourceName, "mount_point": report.facts.mountPoint], 1)])
    gauge(
      "ckptfs_mount_timestamp_seconds", "When it was mounted, in seconds since 1970.",
      [Sample([:], report.facts.mounted.seconds)])
    gauge(
      "ckptfs_passthrough_active", "1 when the kernel reads large files by itself.",
      [Sample([:], report.passthroughRefusal == nil ? 1 : 0)])
    gauge(
      "ckptfs_changes_followed",
      "1 when the kernel is told of changes, 0 when it has to ask again and again.",
      [Sample([:], report.isFollowing ? 1 : 0)])
  }

  fileprivate mutating func addRequests(_ counters: SessionCounters) {
    let requests = Operation.allCases.map { ($0, counters.requests($0)) }
    counter(
      "ckptfs_requests_total", "Requests of the kernel, by operation and outcome.",
      requests.flatMap { operation, counts in
        Outcome.allCases.map { outcome in
          Sample(["operation": operation.label, "outcome": outcome.label], counts[outcome])
        }
      })
    let bounds = DurationHistogram.bounds.map(\.inSeconds)
    histogram(
      "ckptfs_request_duration_seconds",
      "How long requests took, from the first look at one until its answer was sent.",
      requests.map { operation, counts in
        Distribution(
          ["operation": operation.label], bounds: bounds, counts: counts.durations.counts,
          sum: counts.durations.sum.inSeconds)
      })
  }

  fileprivate mutating func addTraffic(_ report: MountReport) {
    counter(
      "ckptfs_opens_total", "Files opened, by how they are read.",
      OpenKind.allCases.map { Sample(["mode": $0.label], report.counters.opens($0)) })
    gauge("ckptfs_open_files", "Files that are open.", [Sample([:], report.openFiles)])
    counter(
      "ckptfs_read_bytes_total",
      "Bytes served by this process; what the kernel reads by itself is not in it.",
      [Sample([:], report.counters.readBytes)])
    counter(
      "ckptfs_invalidations_total", "What the kernel was told to forget, by kind.",
      InvalidationKind.allCases.map {
        Sample(["kind": $0.label], report.counters.invalidations($0))
      })
  }

  fileprivate mutating func addFaults(_ faults: FaultRecord) {
    counter(
      "ckptfs_faults_total",
      "Requests that failed since a blob is damaged, or the source cannot be read.",
      [
        Sample(["kind": "damaged"], faults.damaged),
        Sample(["kind": "unavailable"], faults.unavailable),
      ])
  }

  fileprivate mutating func addStore(_ survey: Result<StoreSurvey, SourceError>) {
    guard case .success(let survey) = survey else {
      gauge("ckptfs_store_up", Self.upHelp, [Sample([:], 0)])
      return
    }
    gauge("ckptfs_store_up", Self.upHelp, [Sample([:], 1)])
    gauge(
      "ckptfs_store_histories", "Histories with a checkpoint.", [Sample([:], survey.histories)])
    if let sizes = survey.sizes { addSizes(sizes) }
    if let reading = survey.reading { addReading(reading) }
    gauge(
      "ckptfs_newest_checkpoint_timestamp_seconds",
      "When the checkpoint that a history's latest leads to was completed, in seconds since 1970.",
      survey.listed.map {
        Sample(["history": $0.checkpoint.history.rawValue], $0.completed.seconds)
      })
    if let stalest = survey.stalest {
      gauge(
        "ckptfs_stalest_history_timestamp_seconds",
        "The least of these times, of all histories, also those that have no series.",
        [Sample([:], stalest.completed.seconds)])
    }
    gauge(
      "ckptfs_histories_without_series",
      "Histories beyond the first \(StoreSurvey.greatestNumberListed), which have no series of their own.",
      [Sample([:], survey.histories - survey.listed.count)])
  }

  private static let upHelp = "1 when the source can be read; else it is not told of here."

  private mutating func addSizes(_ sizes: StoreStatistics) {
    let gauges: [(String, String, Int64)] = [
      ("ckptfs_store_checkpoints", "Completed checkpoints.", sizes.checkpoints),
      ("ckptfs_store_pending_checkpoints", "Checkpoints being taken.", sizes.pendingCheckpoints),
      ("ckptfs_store_blobs", "Distinct contents that checkpoints refer to.", sizes.blobs),
      ("ckptfs_store_blob_bytes", "Their size.", sizes.blobBytes),
      (
        "ckptfs_store_logical_bytes", "The size of all checkpoints if nothing were shared.",
        sizes.logicalBytes
      ),
      (
        "ckptfs_store_unreferenced_blobs", "Contents that no completed checkpoint refers to.",
        sizes.unreferencedBlobs
      ),
      ("ckptfs_store_unreferenced_bytes", "Their size.", sizes.unreferencedBytes),
    ]
    for (name, help, value) in gauges { gauge(name, help, [Sample([:], value)]) }
  }

  private mutating func addReading(_ reading: ReadingAge) {
    gauge(
      "ckptfs_store_never_read_bytes",
      "Bytes of contents that fsck and scrubbing have not read since they came in.",
      [Sample([:], reading.neverReadBytes)])
    gauge(
      "ckptfs_store_not_recently_read_bytes",
      "Bytes that they have not read within 30 days, or never.",
      [Sample([:], reading.notRecentlyReadBytes)])
    if let oldest = reading.oldest {
      gauge(
        "ckptfs_store_oldest_reading_timestamp_seconds",
        "When they read what they have not read since, in seconds since 1970; what was never read is not in it.",
        [Sample([:], oldest.seconds)])
    }
  }

  /// Names and descriptions are those of Prometheus's own libraries, so that nothing has to be told apart.
  fileprivate mutating func addProcess(_ process: ProcessUsage) {
    counter(
      "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
      [Sample([:], process.processorTime.inSeconds)])
    gauge(
      "process_open_fds", "Number of open file descriptors.", [Sample([:], process.openFiles)])
    gauge(
      "process_max_fds", "Maximum number of open file descriptors.",
      [Sample([:], process.greatestNumberOfOpenFiles)])
    gauge(
      "process_virtual_memory_bytes", "Virtual memory size in bytes.",
      [Sample([:], process.virtualMemory)])
    gauge(
      "process_resident_memory_bytes", "Resident memory size in bytes.",
      [Sample([:], process.residentMemory)])
    gauge(
      "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
      [Sample([:], process.started)])
  }
}

extension Operation {
  fileprivate var label: String { "\(self)" }
}

extension Outcome {
  fileprivate var label: String {
    switch self {
    case .success: "ok"
    case .notFound: "not_found"
    case .refused: "refused"
    case .failure: "error"
    }
  }
}

extension OpenKind {
  fileprivate var label: String { "\(self)" }
}

extension InvalidationKind {
  fileprivate var label: String {
    switch self {
    case .name: "name"
    case .node: "node"
    case .allNames: "all_names"
    }
  }
}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

extension Checkpoints.Timestamp {
  fileprivate var seconds: Double { Double(nanoseconds) / 1e9 }
}
