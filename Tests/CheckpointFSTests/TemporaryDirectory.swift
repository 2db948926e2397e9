// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import SystemPackage

/// A directory of its own for one test, removed in the end.
func withTemporaryDirectory<Value>(_ body: (FilePath) throws -> Value) throws -> Value {
  let path = FilePath("/tmp/ckptfs-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(
    atPath: path.string, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path.string) }
  return try body(path)
}
