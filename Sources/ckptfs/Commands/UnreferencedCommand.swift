// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Checkpoints
import FlinkCheckpoints
import LinuxFiles
import SystemPackage

struct UnreferencedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unreferenced",
    abstract: "List files that no retained checkpoint below a directory of Flink's uses.",
    discussion: """
      It does not say that they may be deleted: a job elsewhere that was restored from here may use them. Files \
      younger than --min-age may belong to a checkpoint that is being taken. \
      Where a checkpoint is not read, what only that uses is listed, too, and where there is none, all: the status is 2 then.

      Example: ckptfs unreferenced flink:/flink/checkpoints/JOB --min-age 2h
      """)

  @OptionGroup var format: FormatOptions
  @OptionGroup var mapping: MappingOptions

  @Option(
    help: "Only files that were last written at least this long ago (default: 10m).",
    transform: { try Duration(argument: $0) })
  var minAge: Duration = FlinkSource.defaultMinimumAge

  @Argument(help: "flink: and the directory.", transform: { try SourceArgument($0) })
  var source: SourceArgument

  func run() throws {
    guard case .flink(let path) = source else {
      throw Failure(
        .usage, "usage",
        "'\(source)': give flink:DIR; in a store, 'ckptfs gc --dry-run' tells what is unreferenced")
    }
    let flink = try FlinkSource(path, mappings: mapping.mappings)
    let now = Timestamp(nanoseconds: WallClock.now())
    let found = try flink.unreferenced(minimumAge: minAge, now: now)
    try format.print(
      UnreferencedReport(
        directory: path.string, minimumAgeSeconds: minAge.components.seconds,
        checkpoints: found.checkpoints,
        files: found.files.map { UnreferencedListing($0, now: now) },
        unreadable: found.unread.map(\.message)))
    // A script that takes the list for what nothing uses must not go on.
    let isDoubtful = !found.unread.isEmpty || (found.checkpoints == 0 && !found.files.isEmpty)
    if isDoubtful { throw EarlyEnd(status: .damaged) }
  }
}

private struct UnreferencedReport: Report {
  let directory: String
  let minimumAgeSeconds: Int64
  /// How many there are that could refer to a file.
  let checkpoints: Int
  let files: [UnreferencedListing]
  let unreadable: [String]
  let bytes: UInt64

  init(
    directory: String, minimumAgeSeconds: Int64, checkpoints: Int, files: [UnreferencedListing],
    unreadable: [String]
  ) {
    self.directory = directory
    self.minimumAgeSeconds = minimumAgeSeconds
    self.checkpoints = checkpoints
    self.files = files
    self.unreadable = unreadable
    bytes = files.reduce(0) { $0 &+ $1.size }
  }

  var lines: [String] {
    let age = Quantities.roughly(seconds: minimumAgeSeconds)
    var lines: [String] = []
    if !files.isEmpty {
      var table = Table([("SIZE", .right), ("AGE", .right), ("PATH", .left)])
      for file in files { table.add(file.cells) }
      lines = table.lines
    }
    lines.append(
      "unreferenced under \(directory): \(Quantities.count(files.count, "file")), "
        + "\(Quantities.bytes(bytes)), older than \(age)")
    if !files.isEmpty {
      lines.append("a job elsewhere that was restored from here may use them")
    }
    if checkpoints == 0 {
      lines.append(
        "warning: there is no completed checkpoint below \(directory), so that every file is listed"
      )
    }
    return lines
      + unreadable.map {
        "warning: what only this checkpoint uses is listed, too: \($0)"
      }
  }
}

private struct UnreferencedListing: Encodable {
  let path: String
  let size: UInt64
  let ageSeconds: Int64

  init(_ file: UnreferencedFile, now: Timestamp) {
    path = file.path.string
    size = file.size
    // A file may say that it is of long before any clock.
    let (age, overflow) = now.nanoseconds.subtractingReportingOverflow(file.modified.nanoseconds)
    ageSeconds = max(0, overflow ? .max : age) / 1_000_000_000
  }

  var cells: [String] {
    [Quantities.bytes(size), Quantities.roughly(seconds: ageSeconds), path]
  }
}
