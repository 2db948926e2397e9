// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import FlinkCheckpoints
import SystemPackage

/// Something that is not as it should be, and whom it hurts: a line, or an object of JSON.
struct FindingListing: Encodable {
  let kind: String
  let path: String
  /// All files of which this tells, where it may tell of several: `path`, and others.
  let paths: [String]?
  let checkpoints: [String]
  let detail: String
  /// The checkpoints in words.
  private let needed: String

  private enum CodingKeys: CodingKey {
    case kind
    case path
    case paths
    case checkpoints
    case detail
  }

  init(_ problem: Problem) {
    self.init(problem.kind.rawValue, problem.path, problem.checkpoints, problem.detail)
  }

  init(_ notice: Notice) {
    self.init(
      notice.kind.rawValue, notice.path, notice.checkpoints, notice.detail,
      paths: [notice.path] + notice.others)
  }

  init(_ damaged: DamagedCheckpoint) {
    self.init(
      damaged.isTruncated ? "incomplete" : "unreadable", damaged.directory.string, [],
      damaged.message)
  }

  /// What is taken from elsewhere than where it is looked for.
  init?(outside files: [FilePath]) {
    guard let first = files.first else { return nil }
    self.init(
      "outside", first.string, [],
      "\(Quantities.count(files.count, "file")) of checkpoints, such as this, \(files.count == 1 ? "lies" : "lie") outside the "
        + "directory: a copy of the directory lacks what it is shown from",
      paths: files.map(\.string))
  }

  private init(
    _ kind: String, _ path: String, _ checkpoints: [CheckpointReference], _ detail: String,
    paths: [String]? = nil
  ) {
    self.kind = kind
    self.path = path
    self.paths = paths
    self.checkpoints = checkpoints.map(\.description)
    self.detail = detail
    needed = checkpoints.inWords
  }

  /// - Parameter missing: one file, for all that need it.
  private init(_ missing: [MissingFile]) {
    kind = "missing"
    path = missing[0].path
    paths = nil
    checkpoints = missing.map(\.place)
    detail = "\(missing[0].part): \(missing[0].reason)"
    // Each is of a subtask: there may be thousands.
    let more = missing.count > 2 ? " and \(missing.count - 2) more" : ""
    needed = checkpoints.prefix(2).joined(separator: ", ") + more
  }

  /// One for each file, in the order of the first that needs it: ten checkpoints may need the same thousands.
  static func byFile(_ missing: [MissingFile]) -> [FindingListing] {
    let groups = Dictionary(
      grouping: missing.enumerated(), by: { "\($0.element.path) \($0.element.reason)" })
    return groups.values.sorted { $0[0].offset < $1[0].offset }
      .map { FindingListing($0.map(\.element)) }
  }

  var line: String {
    "\(kind): \(path): \(detail)" + (needed.isEmpty ? "" : "; needed by \(needed)")
  }
}
