// SPDX-License-Identifier: Apache-2.0

import FlinkWriting
import LinuxFiles
import SystemPackage
import TestSupport

/// A job's directory with one checkpoint that has each type of handle, each with its bytes in each kind of
/// place, as releases of Flink with this version of the format write it.
///
/// It is written after the format alone, field by field, and remembers which file has to show which bytes.
struct EveryHandle {
  /// Where bytes may be, by the type that the format gives it.
  enum Place: UInt8, CaseIterable {
    case inline = 1
    case file = 2
    case oldKeyGroups = 3
    case relativeFile = 6
    case segment = 15
    case emptySegment = 16
  }

  static let checkpoint: Int64 = 5

  let version: Int32
  let job: MadeJob
  private(set) var expected: [String: [UInt8]] = [:]
  private(set) var operators: Int32 = 0
  private var body = MetadataBuilder()
  private var count = 0
  /// The path of what comes next, below the subtask's directories.
  private var subtask = ""

  init(version: Int32) throws {
    self.version = version
    job = try MadeJob()
    try FileSystemCalls.makeDirectory(directory)
    for place in Place.allCases {
      for type in [3, 5, 7, 8, 10, 11, 12, 13, 14] as [UInt8] {
        try keyedOperator(type, place, isRaw: false)
      }
      for type in [3, 7, 12] as [UInt8] { try keyedOperator(type, place, isRaw: true) }
      try partitionedOperator(4, place)
      if version >= 3 { try channels(place) }
    }
    try keyedOperator(9, .inline, isRaw: false)
    for place in [Place.segment, .emptySegment] { try partitionedOperator(17, place) }
    coordinatorAndFinished()
    try directory.appending("_metadata").write(metadata())
  }

  private var directory: FilePath { job.path.appending("chk-\(Self.checkpoint)") }

  private func metadata() -> [UInt8] {
    var file = MetadataBuilder(version: version, checkpoint: Self.checkpoint, masterStates: 1)
    file.integer(0xC96B_1696 as UInt32)
    file.int(4 + 6 + 4 + 1)
    file.int(1)
    file.text("hook")
    file.data([9])
    file.int(operators)
    file.raw(body.bytes)
    file.finish(version: version)
    return file.bytes
  }
}

/// Operators.
extension EveryHandle {
  /// Begins an operator of two subtasks, of which `subtasks` follow.
  private mutating func begin(coordinator: [UInt8]? = nil, subtasks: Int32) -> String {
    operators += 1
    let number = UInt64(operators)
    body.operatorHeader(
      version: version, id: (number, 0xFFFF_FFFF_FFFF_FFFF), name: "op \(operators)",
      uid: operators == 1 ? "" : "uid-\(operators)")
    if version >= 3 {
      if let coordinator { body.inline("coordinator", coordinator) } else { body.byte(0) }
    }
    body.int(subtasks)
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
      + String(repeating: "f", count: 16)
  }

  /// An operator whose subtask 1 has the state that `state` writes; subtask 0 has ended, where that can be told.
  private mutating func operatorWithState(
    channels: (inout EveryHandle) throws -> Void = { this in
      this.body.int(0)
      this.body.int(0)
    }, _ state: (inout EveryHandle) throws -> Void
  ) throws {
    let id = begin(subtasks: version >= 3 ? 2 : 1)
    subtask = "\(id)/1"
    if version >= 3 { body.int(-1) }
    body.int(1)
    if version == 2 {
      body.long(-1)
      body.int(0)
    }
    try state(&self)
    if version >= 3 { try channels(&self) }
    if version >= 7 { body.byte(0) }
  }

  private mutating func keyedOperator(_ type: UInt8, _ place: Place, isRaw: Bool) throws {
    try operatorWithState { this in
      this.body.int(0)
      this.body.int(0)
      if isRaw { this.body.byte(0) }
      try this.keyed(type, place, isRaw ? "raw-" : "")
      if !isRaw { this.body.byte(0) }
    }
  }

  private mutating func partitionedOperator(_ type: UInt8, _ place: Place) throws {
    try operatorWithState { this in
      for name in ["managed-operator", "raw-operator"] {
        this.body.int(1)
        this.body.byte(type)
        this.body.int(3)
        for mode in 0...2 as ClosedRange<UInt8> {
          this.body.text("list \(mode)")
          this.body.byte(mode)
          this.body.longs([0, 1])
        }
        if type == 17 {
          this.body.text("file:/gone/taskowned")
          this.body.text("file:/gone/shared")
          this.body.byte(place == .emptySegment ? 1 : 0)
        }
        try this.stream(place, at: "\(this.subtask).state/\(name)")
      }
      this.body.byte(0)
      this.body.byte(0)
    }
  }

  private mutating func channels(_ place: Place) throws {
    let isTyped = version >= 6
    try operatorWithState(
      channels: { this in
        for (kind, directory, name) in [
          (1, "input", "gate-2-channel-3"), (2, "output", "partition-2-subpartition-3"),
        ] as [(UInt8, String, String)] {
          this.body.int(isTyped ? 2 : 1)
          if isTyped { this.body.byte(kind) }
          for number in 1...3 as ClosedRange<Int32> { this.body.int(number) }
          this.body.longs([4, 8])
          this.body.long(3)
          try this.stream(place, at: "\(this.subtask).state/\(directory)/000000-\(name)")
          guard isTyped else { continue }
          this.body.byte(kind + 2)
          this.body.int(1)
          this.body.long(3)
          try this.stream(place, at: "\(this.subtask).state/\(directory)/000001-merged")
          this.body.data([1, 2, 3])
        }
      },
      { this in
        this.body.int(0)
        this.body.int(0)
        this.body.byte(0)
        this.body.byte(0)
      })
  }

  private mutating func coordinatorAndFinished() {
    if version >= 3 {
      let id = begin(coordinator: [7, 8], subtasks: 0)
      expected["\(id)/coordinator"] = [7, 8]
      _ = begin(subtasks: -1)
    } else {
      _ = begin(subtasks: 0)
    }
    expected["master/0-hook"] = [9]
  }
}

/// Handles.
extension EveryHandle {
  private mutating func keyed(_ type: UInt8, _ place: Place, _ prefix: String) throws {
    body.byte(type)
    switch type {
    case 3, 7, 12:
      body.keyGroups(64, 2)
      body.long(0)
      body.long(1)
      try stream(place, at: "\(subtask).state/\(prefix)key-groups")
      if type == 12 { body.text("id") }
    case 5, 11: try incremental(isSecond: type == 11, place)
    case 8, 14: try changelog(isSecond: type == 14, place)
    case 9: inlineChanges(number: 0)
    case 10, 13: try changeFiles(isSecond: type == 13, place, from: 0)
    default: preconditionFailure("no type of keyed state")
    }
  }

  private mutating func incremental(isSecond: Bool, _ place: Place) throws {
    body.long(Self.checkpoint)
    body.text("1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    body.keyGroups(64, 64)
    if isSecond { body.long(-1) }
    try stream(place, at: "\(subtask).state/states")
    body.int(2)
    for name in ["000012.sst", "000013.blob"] {
      body.text(name)
      try stream(place, at: "\(subtask)/\(name)")
    }
    body.int(1)
    body.text("MANIFEST-000004")
    try stream(place, at: "\(subtask)/MANIFEST-000004")
    if isSecond { body.text("id") }
  }

  /// Materialised as an incremental state and as key groups, with changes of all kinds since.
  private mutating func changelog(isSecond: Bool, _ place: Place) throws {
    body.keyGroups(64, 64)
    body.long(77)
    body.int(3)
    try keyed(isSecond ? 11 : 5, place, "")
    body.byte(0)
    try keyed(isSecond ? 12 : 3, place, "")
    body.int(3)
    body.byte(9)
    inlineChanges(number: 0)
    body.byte(10)
    try changeFiles(isSecond: false, place, from: 1)
    body.byte(13)
    try changeFiles(isSecond: true, place, from: 3)
    body.long(2)
    if isSecond { body.long(Self.checkpoint) }
    body.text("id")
  }

  private mutating func inlineChanges(number: Int) {
    var changes = MetadataBuilder()
    changes.int(-1)
    changes.data([1, 2])
    changes.int(64)
    changes.data([3])
    body.keyGroups(64, 64)
    body.long(0)
    body.long(2)
    body.int(2)
    body.raw(changes.bytes)
    body.text("id")
    expected["\(subtask).state/changelog/00000\(number)"] = changes.bytes
  }

  private mutating func changeFiles(isSecond: Bool, _ place: Place, from number: Int) throws {
    body.keyGroups(64, 64)
    body.int(2)
    for number in number..<number + 2 {
      body.long(1)
      try stream(place, at: "\(subtask).state/changelog/00000\(number)", excess: 1)
    }
    body.long(6)
    body.long(-1)
    body.text("id")
    if isSecond { body.text("filesystem") }
  }

  /// - Parameter excess: by how many bytes a file is longer than is recorded.
  private mutating func stream(_ place: Place, at path: String, excess: Int = 0) throws {
    count += 1
    let content = Array("state \(count)".utf8)
    let stored = content + [UInt8](repeating: 0xFF, count: excess)
    let size = Int64(content.count)
    expected[path] = place == .emptySegment ? [] : content
    body.byte(place.rawValue)
    switch place {
    case .inline:
      body.text("file:/gone/not-a-file")
      body.data(content)
    case .file:
      try job.path.appending("shared/f\(count)").write(stored)
      body.long(size)
      body.text(job.recorded("f\(count)"))
    case .oldKeyGroups:
      body.keyGroups(64, 1)
      body.long(0)
      try job.path.appending("shared/f\(count)").write(stored)
      body.byte(2)
      body.long(size)
      body.text(job.recorded("f\(count)"))
    case .relativeFile:
      try directory.appending("r\(count)").write(stored)
      body.text("r\(count)")
      body.long(size)
    case .segment:
      try job.path.appending("shared/m\(count)").write([0, 0] + content + [0, 0])
      body.long(2)
      body.long(size)
      body.int(Int32(count % 2))
      body.text(job.recorded("m\(count)"))
      body.text("logical-\(count)")
    case .emptySegment: break
    }
  }
}
