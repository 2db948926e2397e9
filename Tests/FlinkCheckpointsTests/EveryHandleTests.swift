// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@testable import FlinkCheckpoints
@testable import FlinkMetadata

/// The whole format, each version of it, from the directory to what is shown.
@Suite struct EveryHandleTests {
  @Test(
    "each type of handle, with its bytes in each kind of place, is shown in each version",
    arguments: MetadataVersion.allCases)
  func shown(version: MetadataVersion) throws {
    let written = try EveryHandle(version: version.rawValue)
    let source = try FlinkSource(written.job.path)
    #expect(try source.damaged.map(\.message) == [])
    let checkpoint = try #require(try source.all().first).checkpoint
    var shown: [String: [UInt8]] = [:]
    for record in try source.walk(checkpoint.id) where record.entry.content != nil {
      shown["\(record.entry.path)"] = try source.read(record)
    }
    let metadata = shown.removeValue(forKey: "_metadata")
    #expect(try metadata == written.job.path.appending("chk-5/_metadata").read())
    shown["metadata.json"] = nil
    #expect(Set(shown.keys) == Set(written.expected.keys))
    for (path, bytes) in written.expected { #expect(shown[path] == bytes, "\(path)") }
    #expect(checkpoint.files == Int64(written.expected.count))
    let now = Timestamp(nanoseconds: WallClock.now())
    #expect(try source.unreferenced(minimumAge: .zero, now: now).files.isEmpty)
    #expect(try source.missingFiles().isEmpty)
  }

  private struct Description: Decodable {
    struct Operator: Decodable {
      let id: String
      let name: String?
      let finished: Bool?
      let subtasks: [Subtask]
    }

    struct Subtask: Decodable {
      let index: Int
      let finished: Bool?
    }

    let version: Int
    let checkpointId: Int
    let operators: [Operator]
  }

  @Test(
    "metadata.json is JSON that tells every operator and subtask, and as long as is shown",
    arguments: MetadataVersion.allCases)
  func described(version: MetadataVersion) throws {
    let written = try EveryHandle(version: version.rawValue)
    let bytes = try written.job.path.appending("chk-5/_metadata").read()
    let text = try MetadataDescription.text(of: bytes)
    #expect(try MetadataDescription.size(of: bytes) == UInt64(text.count))
    let described = try JSONDecoder().decode(Description.self, from: Data(text))
    #expect(described.version == Int(version.rawValue) && described.checkpointId == 5)
    #expect(described.operators.count == Int(written.operators))
    #expect(described.operators.map(\.id).first == "0000000000000001ffffffffffffffff")
    #expect(described.operators.first?.name == (version >= .five ? "op 1" : nil))
    #expect(described.operators.last?.finished == (version >= .three ? true : nil))
    let first = try #require(described.operators.first)
    #expect(first.subtasks.map(\.index) == (version >= .three ? [0, 1] : [1]))
    #expect(first.subtasks.map(\.finished) == (version >= .three ? [true, nil] : [nil]))
  }

  @Test("metadata.json is laid out for people")
  func layout() throws {
    let bytes = MadeJob.metadata(7, [], operatorName: "a \"quoted\" /name\n\u{1}")
    let text = String(decoding: try MetadataDescription.text(of: bytes), as: UTF8.self)
    #expect(
      text == #"""
        {
          "checkpointId" : 7,
          "version" : 6,
          "operators" : [
            {
              "id" : "00000000000000010000000000000002",
              "maxParallelism" : 128,
              "name" : "a \"quoted\" /name\n\u0001",
              "parallelism" : 1,
              "uid" : "uid",
              "subtasks" : [
                {
                  "index" : 0,
                  "managedKeyed" : {
                    "backend" : "backend",
                    "checkpointId" : 7,
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

        """#, "\(text)")
  }
}
