// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import FoundationEssentials
import TestSupport
import Testing

@Suite("Control files")
struct ControlFileTests {
  private struct Status: Decodable {
    let version: String
    let source: String
    let pid: Int
    let mountedSince: String
    let histories: Int?
    let mountPoint: String
    let openFiles: Int
    let changes: String
    let options: Options
    let newestCheckpoint: Newest?
    let unavailable: String?
    let lastError: Failure?

    struct Options: Decodable { let passthrough: String }
    struct Newest: Decodable { let checkpoint: String }
    struct Failure: Decodable { let message: String }
  }

  private struct Report: Decodable, Equatable {
    struct File: Decodable, Equatable {
      let path: Path
      let size: Int
      let digest: String
      let references: Int
    }

    struct Path: Decodable, Equatable {
      var text: String?
      var base64: String?

      private enum CodingKeys: String, CodingKey { case base64 }

      init(text: String? = nil, base64: String? = nil) {
        self.text = text
        self.base64 = base64
      }

      init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: CodingKeys.self) {
          base64 = try container.decode(String.self, forKey: .base64)
        } else {
          text = try decoder.singleValueContainer().decode(String.self)
        }
      }
    }

    let history: String
    let number: Int
    let completedAt: String
    let files: Int
    let fullBytes: Int
    let newBytes: Int
    let tags: [String]
    let entries: [File]
  }

  private func content(_ path: String, _ tree: CheckpointTree) throws -> [UInt8] {
    guard case .control(let node) = try tree.node(path).inode else { throw TreeError.absent }
    return try tree.content(of: node)
  }

  @Test("status.json tells what is mounted, by whom, since when")
  func status() throws {
    let bytes = try content(".ckptfs/status.json", try Sample().tree())
    let status = try JSONDecoder().decode(Status.self, from: Data(bytes))
    #expect(status.version == "1.2.3")
    #expect(status.source == "/srv/store")
    #expect(status.pid == 4711)
    #expect(status.mountedSince == "2026-11-22T10:13:20.000000123Z")
    #expect(status.histories == 2)
    #expect(status.mountPoint == "/mnt" && status.openFiles == 0)
    #expect(status.newestCheckpoint?.checkpoint == "users/chk-1")
    #expect(status.options.passthrough == "auto" && status.changes == "expiring")
    #expect(status.unavailable == nil && status.lastError == nil)
  }

  @Test("status.json and metrics are there also when the source cannot be read, and say so")
  func unavailable() throws {
    let sample = try Sample()
    let tree = sample.tree()
    sample.source.setAvailable(false)
    let status = try JSONDecoder().decode(
      Status.self, from: Data(try tree.content(of: .status)))
    #expect(status.unavailable?.contains("switched off") == true && status.histories == nil)
    #expect(status.lastError?.message == status.unavailable && status.version == "1.2.3")
    let metrics = String(decoding: try tree.content(of: .metrics), as: UTF8.self)
    #expect(metrics.contains("\nckptfs_store_up 0\n"))
    #expect(metrics.contains("\nckptfs_faults_total{kind=\"unavailable\"} 2\n"))
    #expect(!metrics.contains("ckptfs_newest_checkpoint"))
  }

  @Test(
    "Of more than a thousand histories, only the oldest thousand have series; the stalest counts")
  func manyHistories() throws {
    let source = try MemorySource()
    for number in 0..<1003 as Range<Int64> {
      // The last is the stalest.
      try source.complete(
        "h-\(number)", 1, [], completed: Sample.time(number == 1002 ? -5 : number))
    }
    let tree = CheckpointTree(
      source: source, options: MountOptions(), facts: Sample.facts, logger: Sample.logger)
    let lines = String(decoding: try tree.content(of: .metrics), as: UTF8.self)
      .split(separator: "\n")
    let series = lines.filter { $0.hasPrefix("ckptfs_newest_checkpoint_timestamp_seconds{") }
    #expect(series.count == 1000)
    #expect(
      series.first?.hasPrefix("ckptfs_newest_checkpoint_timestamp_seconds{history=\"h-0\"}") == true
    )
    #expect(lines.contains("ckptfs_histories_without_series 3"))
    #expect(lines.contains("ckptfs_store_histories 1003"))
    let stalest = try #require(
      lines.first { $0.hasPrefix("ckptfs_stalest_history_timestamp_seconds ") })
    #expect(Double(stalest.split(separator: " ")[1])!.rounded() == Double(Sample.start - 5))
  }

  @Test("chk-N.json tells what is in a checkpoint, odd names as base64")
  func checkpoint() throws {
    let bytes = try content(".ckptfs/checkpoints/orders/chk-2.json", try Sample().tree())
    let report = try JSONDecoder().decode(Report.self, from: Data(bytes))
    #expect(report.history == "orders")
    #expect(report.number == 2)
    #expect(report.completedAt == "2026-11-22T10:15:10.000000123Z")
    #expect(report.files == 4)
    #expect(report.tags == ["before-upgrade"])
    #expect(
      report.entries.map(\.path) == [
        .init(text: "CURRENT"), .init(base64: "/yAK"), .init(text: "000012.sst"),
        .init(text: "000013.sst"),
      ])
    #expect(report.entries.map(\.references) == [1, 1, 4, 2])
    #expect(report.entries[2].digest == Digest(hashing: Array(Sample.table.utf8)).hexadecimal)
    #expect(report.entries[2].size == Sample.table.utf8.count)
  }

  @Test("chk-N.json tells of files in sub-directories, too, and of more than one portion")
  func subdirectories() throws {
    let tree = try Sample().tree()
    let bytes = try content(".ckptfs/checkpoints/orders/chk-10.json", tree)
    let report = try JSONDecoder().decode(Report.self, from: Data(bytes))
    #expect(
      report.entries.compactMap(\.path.text) == [
        "CURRENT", "shard-a/CURRENT", "shard-a/deep/000012.sst", "000013.sst",
      ])
    let source = try MemorySource()
    let files = try (0..<700).map { try MemoryFile.own("file-\($0)", "\($0)") }
    let record = try source.complete("orders", 1, files, completed: Sample.time(0))
    for number in 0..<300 {
      try source.tag(record, "tag-\(number)", created: Sample.time(1))
    }
    let large = CheckpointTree(
      source: source, options: MountOptions(), facts: Sample.facts, logger: Sample.logger)
    let all = try JSONDecoder().decode(
      Report.self, from: Data(large.content(of: .checkpoint(record.id))))
    #expect(all.entries.count == 700)
    #expect(all.tags.count == 300)
  }

  @Test("The size of a control file is that of its content")
  func size() throws {
    let tree = try Sample().tree()
    for path in [".ckptfs/status.json", ".ckptfs/checkpoints/orders/chk-2.json"] {
      #expect(try tree.node(path).size == UInt64(try content(path, tree).count))
    }
  }

  @Test("The same state makes the same bytes")
  func deterministic() throws {
    let tree = try Sample().tree()
    let path = ".ckptfs/checkpoints/orders/chk-2.json"
    #expect(try content(path, tree) == content(path, tree))
  }
}
