// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import DurabilitySteps
import LinuxFiles
import SystemPackage

/// The file that makes a directory a store: which one, and of which format.
struct StoreMarker {
  let store: StoreID

  private static let opening = "ckptfs store 1\n"

  /// Makes the directory a store. Durable on return.
  func write(_ layout: StoreLayout) throws(FileError) {
    try stage(at: layout.stagedMarker)
    try Steps.perform(.placeMarker) { () throws(FileError) in
      try FileSystemCalls.rename(layout.stagedMarker, to: layout.marker)
    }
    try Steps.perform(.syncStoreDirectory) { () throws(FileError) in
      try FileSystemCalls.syncDirectory(layout.root)
    }
  }

  private func stage(at path: FilePath) throws(FileError) {
    let file = try FileSystemCalls.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o644))
    do throws(FileError) {
      try file.write(all: Array("\(Self.opening)id \(store)\n".utf8)[...], path: path)
      try Steps.perform(.syncMarker) { () throws(FileError) in try file.sync(path) }
    } catch {
      try? file.close()  // the first error is the one to tell
      throw error
    }
    try file.close(reporting: path)
  }

  /// - Throws: code `notAStore` when there is none, or one of another format.
  static func read(_ layout: StoreLayout) throws(StoreError) -> StoreMarker {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystemCalls.contents(of: layout.marker, limit: 4096)
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory, .notDirectory:
        throw StoreError(
          .notAStore,
          "'\(layout.root)' is no ckptfs store; 'ckptfs init --store \(layout.root)' "
            + "makes one", cause: error)
      default: throw StoreError(error)
      }
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let header = lines.first, header.hasPrefix("ckptfs store ") else {
      throw StoreError(.notAStore, "'\(layout.marker)' is damaged: it is no store's marker")
    }
    guard header + "\n" == opening else {
      throw StoreError(
        .notAStore,
        "the store '\(layout.root)' has format \(header.dropFirst(13)), this ckptfs knows format 1 "
          + "only; use the version that wrote it")
    }
    guard lines.count == 2, lines[1].hasPrefix("id "),
      let store = StoreID(lines[1].dropFirst(3))
    else {
      throw StoreError(.notAStore, "'\(layout.marker)' is damaged: it does not say whose it is")
    }
    return StoreMarker(store: store)
  }
}
