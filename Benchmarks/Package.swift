// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// A package of its own, so that users never build it.
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "ckptfs", path: ".."),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    .executableTarget(
      name: "SyntheticHistory",
      dependencies: [
        .product(name: "CheckpointStore", package: "ckptfs"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "SyntheticJob",
      dependencies: [.product(name: "SystemPackage", package: "swift-system")],
      swiftSettings: strict),
    .systemLibrary(
      name: "CPeerRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
    .executableTarget(
      name: "SnapshotCost",
      dependencies: [
        "CPeerRocksDB",
        .product(name: "CheckpointStore", package: "ckptfs"),
        .product(name: "Snapshots", package: "ckptfs"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
  ]
)
