// SPDX-License-Identifier: Apache-2.0

import RocksDB
import SystemPackage
import TestSupport
import Testing

/// Three checkpoints of a database that changed in between, committed and mounted for everybody.
///
/// Shared by the tests that only look. `two` shares tables and blob files with `one`; `three` has
/// compacted tables and rows that are in its log only.
final class Gallery: @unchecked Sendable {
  static let families = ["default", "orders", "metrics"]
  static let checkpoints = ["one", "two", "three"]

  @TaskLocal static var current: Gallery?

  let bench: Workbench
  /// `@unchecked Sendable` is sound, since the tests that share the mount only call what changes nothing of it.
  let mount: Mount
  /// The rows of each checkpoint, as they were when it was taken.
  let rows: [String: [String: [[UInt8]: [UInt8]]]]
  /// What `ldb scan` says of each, before anything of ckptfs saw it.
  let scans: [String: [String: String]]

  init() throws {
    bench = try Workbench()
    rows = try Self.takeCheckpoints(bench)
    scans = try Self.scan(bench)
    for name in Self.checkpoints { try bench.commit(name, to: "orders") }
    try bench.ckptfs("tag", "orders/chk-1", "before-upgrade")
    if Tool.exists("db_bench", "ldb") {
      try bench.shell(
        """
        db_bench --db=$AT/bench-db --benchmarks=fillrandom,compact --num=20000 --value_size=100 \
          --compression_type=none --wal_dir= > $AT/db_bench.log 2>&1
        ldb --db=$AT/bench-db checkpoint --checkpoint_dir=$AT/bench-cp
        """)
      try bench.commit("bench-cp", to: "bench")
    }
    mount = try Mount(bench, options: User.canChange ? "allow_other" : nil)
  }

  private static func takeCheckpoints(
    _ bench: Workbench
  ) throws -> [String: [String: [[UInt8]: [UInt8]]]] {
    let database = try bench.database("db", columnFamilies: ["orders", "metrics"])
    func rows() throws -> [String: [[UInt8]: [UInt8]]] {
      var rows: [String: [[UInt8]: [UInt8]]] = [:]
      for family in families { rows[family] = try database.rows(of: family) }
      return rows
    }
    var all: [String: [String: [[UInt8]: [UInt8]]]] = [:]
    try database.fill(0..<8000)
    try database.fill(0..<4000, "o", in: "orders")
    try database.fill(9000..<9100, "b", length: 5000, in: "orders")
    try database.fill(0..<300, "m", in: "metrics")
    try database.createCheckpoint(at: bench("one"), flush: .always)
    all["one"] = try rows()
    try database.fill(8000..<10_000)
    try database.fill(2000..<3000, "p", in: "orders")
    try database.fill(0..<300, "n", in: "metrics")
    try database.delete(Array("key-1000007".utf8))
    try database.createCheckpoint(at: bench("two"), flush: .always)
    all["two"] = try rows()
    try database.compact(database.columnFamily("metrics"))
    try database.fill(10_000..<10_500, "l")
    try database.fill(9100..<9110, "c", length: 5000, in: "orders")
    try database.createCheckpoint(at: bench("three"), flush: .never)
    all["three"] = try rows()
    return all
  }

  /// Of copies, since `ldb` writes a log of its own.
  private static func scan(_ bench: Workbench) throws -> [String: [String: String]] {
    guard Tool.exists("ldb") else { return [:] }
    var scans: [String: [String: String]] = [:]
    for name in checkpoints {
      try bench.shell("cp -a $AT/\(name) $AT/scanned")
      for family in families {
        scans[name, default: [:]][family] = try bench.shell(
          "ldb --db=$AT/scanned --column_family=\(family) scan --hex")
      }
      try bench.shell("rm -r $AT/scanned")
    }
    return scans
  }
}

/// Makes one ``Gallery`` for all tests of a suite.
struct GalleryTrait: SuiteTrait, TestScoping {
  let isRecursive = false

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing body: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await Gallery.$current.withValue(try Gallery()) { try await body() }
  }
}

extension Trait where Self == GalleryTrait {
  static var gallery: Self { Self() }
}

/// What can be seen of the checkpoints in ``Gallery``.
@Suite(
  .gallery, .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct MountedCheckpointTests {
  let gallery: Gallery
  let bench: Workbench
  let mount: Mount

  init() throws {
    gallery = try #require(Gallery.current)
    bench = gallery.bench
    mount = gallery.mount
  }
}
