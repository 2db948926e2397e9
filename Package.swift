// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Applied to every target of ours. Dependencies keep their own settings.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "ckptfs",
  products: [
    .executable(name: "ckptfs", targets: ["ckptfs"]),
    .library(name: "CheckpointStore", targets: ["CheckpointStore", "Checkpoints"]),
    .library(name: "Snapshots", targets: ["Snapshots", "RocksDB"]),
    // For tests only, and of use to nobody else: it is preloaded, so it must be a library of its own.
    .library(name: "CFaultLayer", type: .dynamic, targets: ["CFaultLayer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .target(name: "Checkpoints", dependencies: [crypto, system], swiftSettings: strict),
    .target(name: "CLinux"),
    .target(
      name: "LinuxFiles", dependencies: ["CLinux", "DurabilitySteps", system], swiftSettings: strict
    ),
    .testTarget(
      name: "LinuxFilesTests", dependencies: ["LinuxFiles", "TestSupport", system],
      swiftSettings: strict),
    .target(name: "DurabilitySteps", swiftSettings: strict),
    .target(
      name: "BlobStore",
      dependencies: ["Checkpoints", "DurabilitySteps", "LinuxFiles", crypto, system],
      swiftSettings: strict),
    .target(name: "SQLiteLog", dependencies: [grdb, sqlite], swiftSettings: strict),
    .target(
      name: "Catalog",
      dependencies: [
        "BlobStore", "Checkpoints", "DurabilitySteps", "LinuxFiles", "SQLiteLog", grdb, system,
      ],
      swiftSettings: strict),
    .target(
      name: "CheckpointStore",
      dependencies: [
        "BlobStore", "Catalog", "Checkpoints", "DurabilitySteps", "LinuxFiles", system,
      ],
      swiftSettings: strict),
    .systemLibrary(
      name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
    .target(name: "CRocksDBTables", dependencies: ["CRocksDB"]),
    .target(
      name: "RocksDB", dependencies: ["CRocksDB", "CRocksDBTables", system], swiftSettings: strict),
    .systemLibrary(name: "CFuse", pkgConfig: "fuse3", providers: [.apt(["libfuse3-dev"])]),
    .target(name: "Fuse", dependencies: ["CFuse", system], swiftSettings: strict),
    .executableTarget(
      name: "FuseTestDaemon", dependencies: ["Fuse", system], path: "Tests/FuseTestDaemon",
      swiftSettings: strict),
    .testTarget(
      name: "FuseTests",
      dependencies: ["Fuse", "CFuse", "FuseTestDaemon", "TestSupport", system],
      swiftSettings: strict),
    .testTarget(
      name: "RocksDBTests", dependencies: ["RocksDB", system],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .target(
      name: "TestSupport",
      dependencies: ["BlobStore", "Catalog", "Checkpoints", "LinuxFiles", system],
      swiftSettings: strict),
    .testTarget(
      name: "CatalogTests",
      dependencies: ["Catalog", "Checkpoints", "TestSupport", system], swiftSettings: strict),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints"], swiftSettings: strict),
    .testTarget(
      name: "BlobStoreTests",
      dependencies: ["BlobStore", "Checkpoints", "LinuxFiles", "TestSupport", system],
      swiftSettings: strict),
    .testTarget(
      name: "CheckpointStoreTests",
      dependencies: [
        "Catalog", "CheckpointStore", "Checkpoints", "LinuxFiles", "TestSupport", grdb, system,
      ],
      swiftSettings: strict),
    .target(
      name: "CheckpointFS",
      dependencies: ["Checkpoints", "DurabilitySteps", "Fuse", "LinuxFiles", log, system],
      swiftSettings: strict),
    .executableTarget(
      name: "CheckpointFSTestDaemon",
      dependencies: ["CheckpointFS", "Checkpoints", "Fuse", "TestSupport", log, system],
      path: "Tests/CheckpointFSTestDaemon", swiftSettings: strict),
    .testTarget(
      name: "CheckpointFSTests",
      dependencies: [
        "CheckpointFS", "CheckpointFSTestDaemon", "Checkpoints", "Fuse", "TestSupport", log,
        system,
      ], swiftSettings: strict),
    .target(name: "FlinkMetadata", dependencies: ["LinuxFiles", system], swiftSettings: strict),
    .target(
      name: "FlinkCheckpoints",
      dependencies: ["Checkpoints", "FlinkMetadata", "LinuxFiles", system],
      swiftSettings: strict),
    .target(name: "FlinkWriting", path: "Tests/FlinkWriting", swiftSettings: strict),
    .testTarget(
      name: "FlinkCheckpointsTests",
      dependencies: [
        "Checkpoints", "FlinkCheckpoints", "FlinkMetadata", "FlinkWriting", "LinuxFiles", "RocksDB",
        "TestSupport", "ckptfs", system,
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .target(
      name: "Snapshots",
      dependencies: ["CheckpointStore", "Checkpoints", "LinuxFiles", "RocksDB", system],
      swiftSettings: strict),
    .target(
      name: "LiveWorkload", dependencies: ["LinuxFiles", "RocksDB", system],
      path: "Tests/LiveWorkload",
      swiftSettings: strict),
    .executableTarget(
      name: "LiveWriter", dependencies: ["LiveWorkload", "RocksDB", system],
      path: "Tests/LiveWriter", swiftSettings: strict),
    .testTarget(
      name: "SnapshotsTests",
      dependencies: [
        "Catalog", "CheckpointStore", "Checkpoints", "LinuxFiles", "LiveWorkload", "LiveWriter",
        "RocksDB", "Snapshots", "TestSupport", system,
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .executableTarget(
      name: "ckptfs",
      dependencies: [
        "CheckpointFS", "CheckpointStore", "Checkpoints", "FlinkCheckpoints", "FlinkMetadata",
        "Fuse", "LinuxFiles",
        "Snapshots", arguments, log, system,
      ], swiftSettings: strict),
    .testTarget(
      name: "AcceptanceTests",
      dependencies: ["LinuxFiles", "RocksDB", "TestSupport", "ckptfs", system],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: ["LinuxFiles", "RocksDB", "TestSupport", "ckptfs", system],
      swiftSettings: strict),
    .target(name: "CFileSystemShutdown", path: "Tests/CFileSystemShutdown"),
    .target(name: "CFaultLayer", path: "Tests/CFaultLayer"),
    .target(
      name: "CrashHarness",
      dependencies: [
        "BlobStore", "CFileSystemShutdown", "Catalog", "CheckpointStore", "Checkpoints",
        "DurabilitySteps", "FlinkWriting", grdb, "LinuxFiles", system,
      ], path: "Tests/CrashHarness", swiftSettings: strict),
    .executableTarget(
      name: "CrashActor", dependencies: ["CrashHarness"], path: "Tests/CrashActor",
      swiftSettings: strict),
    .executableTarget(
      name: "CrashRunner", dependencies: ["CrashHarness"], path: "Tests/CrashRunner",
      swiftSettings: strict),
    .testTarget(
      name: "CrashTests",
      dependencies: ["CrashActor", "CrashHarness", "CrashRunner", "DurabilitySteps", "ckptfs"],
      swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)

// Programs of libFuzzer, which brings its own `main`: they link only with the fuzzer's runtime, and
// nobody else should have to build them. See `make fuzz`.
if Context.environment["CKPTFS_FUZZ"] != nil {
  package.targets.append(
    .target(
      name: "LogSealing", dependencies: ["LinuxFiles", "RocksDB", system],
      path: "Fuzzing/LogSealing", swiftSettings: strict))
  let fuzzers: [(name: String, dependencies: [Target.Dependency])] = [
    ("MetadataFuzzer", ["FlinkMetadata"]),
    ("LogFuzzer", ["LogSealing", "RocksDB", system]),
    ("ManifestFuzzer", ["LogSealing", "RocksDB", system]),
    ("RecordFuzzer", ["Checkpoints"]),
  ]
  for fuzzer in fuzzers {
    package.targets.append(
      .executableTarget(
        name: fuzzer.name, dependencies: fuzzer.dependencies, path: "Fuzzing/\(fuzzer.name)",
        swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
  }
}
