// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

/// Places outside of a store that may have what it lost: directories of any kind, and other stores.
///
/// In a directory, all files of a size that is looked for are candidates, whatever their names; in a store, those that are
/// named by the digest. What is taken is told by its digest alone.
final class ContentSources {
  private let store: Store
  private let cancellation: Cancellation
  /// By size, in the order of the sources.
  private var files: [UInt64: [FilePath]] = [:]
  private var stores: [FilePath] = []
  /// What files were found to hold, so that none is read for each content of its size.
  private var digests: [FilePath: Digest] = [:]
  /// Those whose targets were not looked at.
  private var links: [FilePath] = []
  /// What could not be looked at.
  private(set) var unreadable: [Notice] = []

  /// - Parameters:
  ///   - paths: as ``checked(_:besides:)`` gives them.
  ///   - wanted: nothing else is looked for.
  init(
    _ paths: [FilePath], for wanted: [BlobRecord], besides store: Store,
    _ cancellation: Cancellation
  ) {
    self.store = store
    self.cancellation = cancellation
    guard !wanted.isEmpty else { return }
    let sizes = Set(wanted.map(\.size))
    for path in paths {
      do throws(FileError) {
        if try FileSystemCalls.exists(StoreLayout(root: path).marker) {
          stores.append(path)
        } else {
          list(path, sizes)
          tellLinks()
        }
      } catch {
        note(path, error.description)
      }
    }
  }

  /// The path of a source without links.
  ///
  /// - Throws: code `invalid` when it is no directory, `refused` when it is the store itself or lies in it.
  static func checked(
    _ path: FilePath, besides store: FilePath
  ) throws(StoreError) -> FilePath {
    let resolved: FilePath
    do throws(FileError) {
      resolved = try FileSystemCalls.resolve(path)
      guard try FileStatus(at: resolved).kind == .directory else {
        throw FileError("look for contents in", path, .notDirectory)
      }
    } catch {
      throw StoreError(
        .invalid, "the source '\(path)' cannot be used: \(error); name a directory or a store")
    }
    // A store that cannot be found is told of by who opens it.
    if let own = try? FileSystemCalls.resolve(store), resolved.starts(with: own) {
      throw StoreError(
        .refused, "the source '\(path)' is the store itself; name another directory or store")
    }
    return resolved
  }

  private func list(_ directory: FilePath, _ sizes: Set<UInt64>) {
    if cancellation.isRequested { return }
    do throws(FileError) {
      for name in try DirectoryListing.names(in: directory).sorted(by: {
        $0.lexicographicallyPrecedes($1)
      }) {
        let path = directory.appending(bytes: name)
        // Gone meanwhile: a live database removes files.
        guard let status = try FileStatus(ifPresent: path) else { continue }
        switch status.kind {
        case .directory: list(path, sizes)
        case .regular where sizes.contains(status.size):
          files[status.size, default: []].append(path)
        case .symbolicLink: links.append(path)
        case .regular, .special: break
        }
      }
    } catch {
      note(directory, error.description)
    }
  }

  /// One notice for all of a source: there may be very many.
  private func tellLinks() {
    guard let first = links.first else { return }
    let many =
      links.count == 1
      ? "it is a symbolic link, which is"
      : "it and others, \(links.count) in all, are symbolic links, which are"
    note(
      first,
      "\(many) not followed; name what it leads to as a --source, too, if the content may be there")
    links = []
  }

  private func note(_ path: FilePath, _ detail: String) {
    unreadable.append(
      Notice(kind: .unreadableSource, path: path.string, checkpoints: [], detail: detail))
  }

  /// Takes a blob's content in, ready to be placed, from wherever it is.
  ///
  /// - Returns: `nil` when no source has it.
  /// - Throws: `CancellationError` once asked to end.
  func stage(
    _ blob: BlobRecord, in area: StagingArea
  ) throws -> (staged: StagedBlob, origin: FilePath)? {
    for path in candidates(blob) {
      if let known = digests[path], known != blob.name.digest { continue }
      guard let staged = try stage(path, blob, in: area) else { continue }
      digests[path] = staged.content.digest
      if staged.content.digest == blob.name.digest { return (staged, path) }
    }
    return nil
  }

  private func candidates(_ blob: BlobRecord) -> [FilePath] {
    stores.flatMap { inStore($0, blob) } + (files[blob.size] ?? [])
  }

  private func inStore(_ store: FilePath, _ blob: BlobRecord) -> [FilePath] {
    let digest = blob.name.digest.hexadecimal
    let shelf = BlobLayout(root: store).shelf(of: blob.name.digest)
    do throws(FileError) {
      return try DirectoryListing.names(in: shelf).map { String(decoding: $0, as: UTF8.self) }
        .filter { $0.hasPrefix(digest) }.sorted().map(shelf.appending)
    } catch {
      note(shelf, error.description)
      return []
    }
  }

  /// - Returns: `nil` when the file cannot be read, or changes.
  private func stage(
    _ path: FilePath, _ blob: BlobRecord, in area: StagingArea
  ) throws -> StagedBlob? {
    do throws(BlobStoreError) {
      return try store.blobs.stageCopy(of: path, modified: blob.modified, in: area) {
        _ throws(CancellationError) in try cancellation.check()
      }
    } catch {
      try cancellation.check()
      let isOfSource = (error.cause as? FileError)?.path == path
      guard isOfSource || error.code == .sourceChanged else { throw error }
      note(path, error.message)
      return nil
    }
  }
}
