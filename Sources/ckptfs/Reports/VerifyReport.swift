// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Snapshots

/// What `verify` says of each checkpoint.
struct VerifyReport: Report {
  struct Damage: Encodable {
    let file: String
    let detail: String

    init(_ damage: VerificationReport.Damage) {
      (file, detail) = (damage.file, damage.detail)
    }
  }

  struct Database: Encodable {
    let path: String
    let outcome: String
    let tables: Int
    let blobFiles: Int
    let logs: Int
    let bytes: Int64
    let damage: [Damage]
    let notVerified: [String]
    let notOpened: String?

    init(_ database: VerificationReport.Database) {
      path = database.path?.description ?? ""
      outcome = database.outcome.rawValue
      (tables, blobFiles, logs) = (database.tables, database.blobFiles, database.logs)
      bytes = database.bytes
      damage = database.damage.map(Damage.init)
      (notVerified, notOpened) = (database.notVerified, database.notOpened)
    }
  }

  struct Checkpoint: Encodable {
    let checkpoint: String
    let outcome: String
    let databases: [Database]
    let damage: [Damage]

    init(_ report: VerificationReport) {
      checkpoint = report.checkpoint.description
      outcome = report.outcome.rawValue
      databases = report.databases.map(Database.init)
      damage = report.damage.map(Damage.init)
    }
  }

  let checkpoints: [Checkpoint]
  let outcome: String

  init(_ reports: [VerificationReport]) {
    checkpoints = reports.map(Checkpoint.init)
    outcome = Self.outcome(of: reports).rawValue
  }

  static func outcome(of reports: [VerificationReport]) -> VerificationReport.Outcome {
    let outcomes = reports.map(\.outcome)
    return outcomes.contains(.damaged)
      ? .damaged : outcomes.contains(.notVerified) ? .notVerified : .sound
  }

  var lines: [String] { checkpoints.flatMap(Self.lines) }

  private static func lines(_ checkpoint: Checkpoint) -> [String] {
    let name = checkpoint.checkpoint
    let damage = (checkpoint.damage + checkpoint.databases.flatMap(\.damage))
      .map { "\(name)/\($0.file): damaged: \($0.detail)" }
    let unverified = checkpoint.databases.flatMap(\.notVerified).map {
      "\(name): cannot verify: \($0)"
    }
    let notOpened = checkpoint.databases.compactMap { database in
      database.notOpened.map { reason in
        let place = database.path.isEmpty ? name : "\(name)/\(database.path)"
        return "\(place): checksums compared, but not opened: \(reason)"
      }
    }
    let none =
      checkpoint.databases.isEmpty && damage.isEmpty
      ? ["\(name): cannot verify: it holds no RocksDB directory"] : []
    return damage + unverified + none + notOpened
      + (checkpoint.outcome == "sound" ? ["\(name): sound: \(summary(checkpoint))"] : [])
  }

  private static func summary(_ checkpoint: Checkpoint) -> String {
    let databases = checkpoint.databases
    let parts = [
      databases.count > 1 ? Quantities.count(databases.count, "database") : nil,
      Quantities.count(databases.map(\.tables).reduce(0, +), "table"),
      count(databases.map(\.blobFiles), "blob file"), count(databases.map(\.logs), "log"),
      Quantities.bytes(databases.map(\.bytes).reduce(0, +)),
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  private static func count(_ numbers: [Int], _ noun: String) -> String? {
    let sum = numbers.reduce(0, +)
    return sum == 0 ? nil : Quantities.count(sum, noun)
  }
}
