// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// The store that a mount shows, and which file its catalog was when it was opened.
struct ShownStore {
  private enum State {
    case open(Store)
    /// Why nothing can be told now.
    case lost(String)
  }

  /// Which file it is, for as long as it has that name.
  private struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64
  }

  private let catalog: FilePath
  private let identity: FileIdentity?
  private var state: State
  /// Something could not be read from it: it is opened anew before it is relied on again.
  var isSuspect = false

  init(_ path: FilePath) throws(StoreError) {
    catalog = StoreLayout(root: path).catalog
    // Before it is opened: one that is put in its place meanwhile is seen as another then.
    identity = try translating { [catalog] in try Self.identity(of: catalog) }
    state = .open(try Store.reader(at: path))
  }

  func store() throws(SourceError) -> Store {
    switch state {
    case .open(let store): return store
    case .lost(let reason): throw SourceError(.unavailable, reason)
    }
  }

  func isCurrent() throws(FileError) -> Bool {
    guard case .open = state, !isSuspect else { return false }
    return try Self.identity(of: catalog) == identity
  }

  mutating func lose(_ reason: String) { state = .lost(reason) }

  private static func identity(of catalog: FilePath) throws(FileError) -> FileIdentity? {
    try FileStatus(ifPresent: catalog).map { FileIdentity(device: $0.device, inode: $0.inode) }
  }
}
