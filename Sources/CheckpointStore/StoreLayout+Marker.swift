// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

extension StoreLayout {
  /// Makes the directory a store. Durable on return.
  func write(_ content: StoreMarker) throws {
    try place(content.encoded, at: marker)
  }

  /// - Throws: code `notAStore` when there is none, `unsupported` when the store has another format, `damaged` when it
  ///   does not say what a marker says, `refused` when parts of the store lie elsewhere.
  func readMarker() throws(StoreError) -> StoreMarker {
    let content = try decodeMarker(try markerBytes())
    try checkParts()
    return content
  }

  private func markerBytes() throws(StoreError) -> [UInt8] {
    if let bytes = try presentMarkerBytes() { return bytes }
    let store = storeOfManifests
    // A directory that was away at the first look, and came back before the second, has lost nothing.
    if store != nil, let bytes = try presentMarkerBytes() { return bytes }
    throw missingMarker(of: store)
  }

  /// - Returns: `nil` when there is none.
  private func presentMarkerBytes() throws(StoreError) -> [UInt8]? {
    do throws(FileError) {
      return try FileSystemCalls.contents(of: marker, limit: 4096)
    } catch {
      switch error.errno {
      case .noSuchFileOrDirectory, .notDirectory: return nil
      default: throw StoreError(error)
      }
    }
  }

  private func decodeMarker(_ bytes: [UInt8]) throws(StoreError) -> StoreMarker {
    do throws(StoreMarker.Flaw) {
      return try StoreMarker(decoding: bytes)
    } catch {
      switch error {
      case .foreign: throw damagedMarker("it is no store's marker")
      case .anonymous: throw damagedMarker("it does not say whose it is")
      case .format(let format):
        throw StoreError(
          .unsupported,
          "the store '\(root)' has format \(format.printable), this ckptfs knows format 1 "
            + "only; use the version that wrote it")
      }
    }
  }

  /// Says what to do about a directory without a marker: one that holds checkpoints, those of `store`, has lost it.
  private func missingMarker(of store: StoreID?) -> StoreError {
    // What cannot be looked at either is as good as absent.
    if let kind = try? FileStatus(following: root).kind, kind != .directory {
      return noDirectory
    }
    guard let store else {
      return StoreError(
        .notAStore,
        "'\(root)' is no ckptfs store; 'ckptfs init --store DIR' makes one in a directory that is new or empty"
      )
    }
    return StoreError(
      .damaged,
      "'\(root)' holds checkpoints, but its marker is lost; write it anew: \(remedy(store))")
  }

  var noDirectory: StoreError {
    StoreError(.notAStore, "'\(root)' is a file, no ckptfs store; name the store's directory")
  }

  /// Whose manifests lie in a directory, be it without a marker.
  var storeOfManifests: StoreID? {
    // What cannot be read is no sign of a store.
    for history in (try? DirectoryListing.names(in: manifests)) ?? [] {
      let file = manifests.appending(bytes: history).appending("history")
      if let bytes = try? FileSystemCalls.contents(of: file, limit: 4096),
        let manifest = try? HistoryManifest(decoding: bytes)
      {
        return manifest.store
      }
    }
    return nil
  }

  private func damagedMarker(_ flaw: String) -> StoreError {
    let advice = storeOfManifests.map { "write it anew: \(remedy($0))" }
    return StoreError(
      .damaged, "'\(marker)' is damaged: \(flaw); \(advice ?? "put it back from a backup")")
  }

  private func remedy(_ store: StoreID) -> String {
    "printf 'ckptfs store 1\\nid \(store)\\n' > '\(marker)'"
  }
}
