// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// The file that makes a directory a store: which one, and of which format.
struct StoreMarker {
  let store: StoreID

  private static let opening = "ckptfs store 1\n"

  /// Makes the directory a store. Durable on return.
  func write(_ layout: StoreLayout) throws {
    try layout.place(Array("\(Self.opening)id \(store)\n".utf8), at: layout.marker)
  }

  /// Says what to do about a directory without a marker: one that holds checkpoints has lost it.
  static func missing(_ layout: StoreLayout) -> StoreError {
    // What cannot be looked at either is as good as absent.
    if let kind = try? FileStatus(following: layout.root).kind, kind != .directory {
      return noDirectory(layout)
    }
    guard let store = lost(layout) else {
      return StoreError(
        .notAStore,
        "'\(layout.root)' is no ckptfs store; 'ckptfs init --store \(layout.root)' makes one")
    }
    return StoreError(
      .damaged,
      "'\(layout.root)' holds checkpoints, but its marker is lost; write it anew: "
        + "printf 'ckptfs store 1\\nid \(store)\\n' > '\(layout.marker)'")
  }

  static func noDirectory(_ layout: StoreLayout) -> StoreError {
    StoreError(
      .notAStore, "'\(layout.root)' is a file, no ckptfs store; name the store's directory")
  }

  /// Whose manifests lie in a directory without a marker.
  static func lost(_ layout: StoreLayout) -> StoreID? {
    // What cannot be read is no sign of a store.
    for history in (try? DirectoryListing.names(in: layout.manifests)) ?? [] {
      let file = layout.manifests.appending(bytes: history).appending("history")
      if let bytes = try? FileSystemCalls.contents(of: file, limit: 4096),
        let manifest = try? HistoryManifest(decoding: bytes)
      {
        return manifest.store
      }
    }
    return nil
  }

  /// - Throws: code `notAStore` when there is none, `unsupported` when the store has another format, `damaged` when it
  ///   does not say what a marker says, `refused` when parts of the store lie elsewhere.
  static func read(_ layout: StoreLayout) throws(StoreError) -> StoreMarker {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystemCalls.contents(of: layout.marker, limit: 4096)
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory, .notDirectory:
        throw missing(layout)
      default: throw StoreError(error)
      }
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let header = lines.first, header.hasPrefix("ckptfs store ") else {
      throw damaged(layout, "it is no store's marker")
    }
    guard header + "\n" == opening else {
      throw StoreError(
        .unsupported,
        "the store '\(layout.root)' has format \(header.dropFirst(13)), this ckptfs knows format 1 "
          + "only; use the version that wrote it")
    }
    guard lines.count == 2, lines[1].hasPrefix("id "),
      let store = StoreID(lines[1].dropFirst(3))
    else {
      throw damaged(layout, "it does not say whose it is")
    }
    try layout.checkParts()
    return StoreMarker(store: store)
  }

  private static func damaged(_ layout: StoreLayout, _ flaw: String) -> StoreError {
    let remedy =
      lost(layout).map { store in
        "write it anew: printf 'ckptfs store 1\\nid \(store)\\n' > '\(layout.marker)'"
      } ?? "put it back from a backup"
    return StoreError(.damaged, "'\(layout.marker)' is damaged: \(flaw); \(remedy)")
  }
}
