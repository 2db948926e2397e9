// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkWriting
import Foundation
import LinuxFiles
import SystemPackage

/// A job's directory as Flink lays it out, with one checkpoint, and what a store must make of that.
struct SyntheticJob {
  private static let name = "0123456789abcdef0123456789abcdef"
  private static let operatorID = "00000000000000010000000000000002"
  /// What lies where nothing of the job is.
  private static let outside = "/etc/000099.sst"

  let number: Int64
  let trick: FlinkTrick?
  private let files: [SyntheticFile]

  init(_ files: [SyntheticFile], _ number: Int64, _ trick: FlinkTrick?) {
    let flat = files.map { file in
      SyntheticFile(
        String(file.path.split(separator: "/").last ?? ""), file.seed, isShared: file.isShared)
    }
    self.files = flat + (trick?.added ?? [])
    self.number = number
    self.trick = trick
  }

  // MARK: Predicted

  /// Of the checkpoint that a store is to have.
  var entries: [String: Model.Held?] {
    let subtask = "\(Self.operatorID)/0"
    func own(_ bytes: [UInt8]) -> Model.Held? {
      Model.Held(digest: Digest(hashing: bytes), isShared: false)
    }
    var entries: [String: Model.Held?] = [
      Self.operatorID: nil, subtask: nil, "\(subtask).state": nil,
      "\(subtask)/CURRENT": own(Array("MANIFEST-000001\n".utf8)),
      "\(subtask).state/states": own([1, 2, 3]),
      "_metadata": own(metadata), "metadata.json": own(Array(description.utf8)),
    ]
    for file in files {
      entries["\(subtask)/\(file.path)"] = Model.Held(
        digest: file.digest, isShared: file.isShared)
    }
    return entries
  }

  /// Small state lies in the `_metadata`.
  private func isInline(_ file: SyntheticFile) -> Bool { file.seed % 3 == 0 }

  private func name(of file: SyntheticFile) -> String {
    let digits = String(file.seed)
    return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// Below a directory that is not there any more: the job was moved.
  private func recordedPath(of file: SyntheticFile) -> String {
    switch trick {
    case .outsidePath where file.path == "000099.sst": "file:\(Self.outside)"
    case .parentPath where file.path == "000099.sst":
      "file:/gone/\(Self.name)/shared/../../\(name(of: file))"
    default: "file:/gone/\(Self.name)/shared/\(name(of: file))"
    }
  }

  private var metadata: [UInt8] {
    MetadataBuilder.incremental(
      number,
      files.map { file in
        isInline(file)
          ? (file.path, .inline(file.bytes))
          : (file.path, .file(recordedPath(of: file), size: Int64(file.bytes.count)))
      })
  }

  /// What `metadata.json` says of it.
  private var description: String {
    let shared = files.map { file in
      let name = Self.quoted(file.path)
      return isInline(file)
        ? """
                      {
                        "handleName" : \(name),
                        "name" : \(name),
                        "size" : \(file.bytes.count),
                        "type" : "inline"
                      }
        """
        : """
                      {
                        "name" : \(name),
                        "path" : \(Self.quoted(recordedPath(of: file))),
                        "size" : \(file.bytes.count),
                        "type" : "file"
                      }
        """
    }
    return """
      {
        "checkpointId" : \(number),
        "version" : 6,
        "operators" : [
          {
            "id" : "\(Self.operatorID)",
            "maxParallelism" : 128,
            "name" : "operator",
            "parallelism" : 1,
            "uid" : "uid",
            "subtasks" : [
              {
                "index" : 0,
                "managedKeyed" : {
                  "backend" : "backend",
                  "checkpointId" : \(number),
                  "checkpointedSize" : 1,
                  "keyGroups" : "0-127",
                  "private" : [
                    {
                      "handleName" : "current",
                      "name" : "CURRENT",
                      "size" : 16,
                      "type" : "inline"
                    }
                  ],
                  "shared" : [
      \(shared.joined(separator: ",\n"))
                  ],
                  "states" : {
                    "handleName" : "meta",
                    "size" : 3,
                    "type" : "inline"
                  },
                  "type" : "incremental"
                }
              }
            ]
          }
        ]
      }

      """
  }

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    guard let data = try? encoder.encode(text) else { preconditionFailure("any text is JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  // MARK: Made

  /// - Parameter place: a directory that is not there yet.
  /// - Returns: the checkpoint's directory.
  func make(in place: FilePath) throws -> FilePath {
    let job = place.appending(Self.name)
    let (shared, outside) = (job.appending("shared"), place.appending("outside"))
    let checkpoint = job.appending("chk-\(number)")
    for directory in [place, job, shared, checkpoint, outside] {
      try FileSystemCalls.makeDirectory(directory)
      try FileTree.give(directory, to: SourceTree.owner)
    }
    for file in Set(
      files.filter { !isInline($0) }.map { SyntheticFile("", $0.seed, isShared: true) })
    {
      let path = shared.appending(name(of: file))
      if file.seed == 40, try replace(path, outside) { continue }
      try FileTree.write(file.bytes, to: path)
    }
    if trick == .sharedLink {
      let elsewhere = outside.appending("shared")
      try FileSystemCalls.rename(shared, to: elsewhere)
      try FileSystemCalls.makeSymbolicLink(shared, to: elsewhere)
    }
    try writeMetadata(to: checkpoint.appending("_metadata"), outside)
    return checkpoint
  }

  /// - Returns: whether what was put in the place of a file is all that is to be there.
  private func replace(_ path: FilePath, _ outside: FilePath) throws -> Bool {
    // Of the size that is recorded: nothing else may tell it from what belongs there.
    let bytes = SyntheticFile("", 40, isShared: true).bytes
    switch trick {
    case .fileLink:
      let file = outside.appending("other")
      try FileTree.write(bytes, to: file)
      try FileSystemCalls.makeSymbolicLink(path, to: file)
    case .pipe: try Tool.run("/usr/bin/mkfifo", path.string)
    case .shorterFile: try FileTree.write(Array(bytes.dropLast()), to: path)
    case .nothing: break
    case .borrowedFile:
      let file = outside.appending("other")
      try FileTree.write(bytes, to: file, permissions: 0o600)
      try FileSystemCalls.link(file, as: path)
    default: return false
    }
    return true
  }

  private func writeMetadata(to path: FilePath, _ outside: FilePath) throws {
    switch trick {
    case .metadataLink:
      let file = outside.appending("_metadata")
      try FileTree.write(metadata, to: file)
      try FileSystemCalls.makeSymbolicLink(path, to: file)
    case .borrowedMetadata:
      let file = outside.appending("_metadata")
      try FileTree.write(metadata, to: file, permissions: 0o600)
      try FileSystemCalls.link(file, as: path)
    case .cutMetadata: try FileTree.write(metadata.dropLast(), to: path)
    case .foreignMetadata: try FileTree.write(Array("#!/bin/sh\n".utf8), to: path)
    default: try FileTree.write(metadata, to: path)
    }
  }
}
