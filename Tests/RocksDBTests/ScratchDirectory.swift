// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemPackage

/// A directory of its own for one test, removed with this object.
final class ScratchDirectory: Sendable {
  let path: FilePath

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "rocksdb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = FilePath(url.path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  func callAsFunction(_ name: String) -> FilePath { path.appending(name) }
}

/// The sizes in bytes of the files in `directory`, by name.
func sizes(in directory: FilePath) throws -> [String: UInt64] {
  var sizes: [String: UInt64] = [:]
  for name in try FileManager.default.contentsOfDirectory(atPath: directory.string) {
    let path = directory.appending(name).string
    sizes[name] = try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64
  }
  return sizes
}

func contents(of path: FilePath) throws -> [UInt8] {
  try [UInt8](Data(contentsOf: URL(filePath: path.string)))
}

func write(_ bytes: [UInt8], to path: FilePath) throws {
  try Data(bytes).write(to: URL(filePath: path.string))
}

func truncate(_ path: FilePath, to size: UInt64) throws {
  let handle = try FileHandle(forWritingTo: URL(filePath: path.string))
  try handle.truncate(atOffset: size)
  try handle.close()
}
