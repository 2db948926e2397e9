// SPDX-License-Identifier: Apache-2.0

import Catalog
import Checkpoints
import LinuxFiles
import SystemPackage

/// Compares the manifests with what the catalog says that they must hold.
struct ManifestCheck {
  /// What a file is that does not hold what it must.
  private enum Flaw {
    case missing
    /// It says nothing that a catalog could be made from.
    case unusable
    /// It says, sound as it is, something else than the catalog: the only trace, maybe, of what is right.
    case contradicting
  }

  let store: Store
  let repairs: Bool

  func run(_ report: inout CheckReport) throws {
    var expected: Set<FilePath> = []
    for history in try store.histories() {
      let name = store.layout.name(of: history.id)
      expected.insert(name)
      try expect(at: name, of: history.id, hurt: [], &report) {
        try store.catalog.history(history.id).map {
          HistoryManifest(store: store.id, id: $0.id, name: $0.name).encoded
        }
      }
      for checkpoint in try store.checkpoints(of: history) {
        let path = store.layout.manifest(of: history.id, checkpoint.number)
        expected.insert(path)
        let hurt = CheckpointReference(history: history.name, number: checkpoint.number)
        try expect(at: path, of: history.id, hurt: [hurt], &report) {
          try store.catalog.checkpoint(checkpoint.id).map {
            try store.outbox.manifest(of: $0).encoded
          }
        }
      }
      for tag in try store.tags(of: history) {
        let path = store.layout.tag(tag.name, of: history.id)
        expected.insert(path)
        let hurt = CheckpointReference(history: history.name, number: tag.number)
        try expect(at: path, of: history.id, hurt: [hurt], &report) {
          try store.catalog.tag(tag.id).map { TagManifest(store: store.id, tag: $0).encoded }
        }
      }
    }
    try checkStrayManifests(expected, &report)
    if case .unusable(let flaw) = try IDFile(store.layout) {
      report.problems.append(IDFile.problem(flaw, store.layout))
    }
  }

  /// - Parameter content: what the catalog says that the file must hold; `nil` when it must not be any more.
  private func expect(
    at path: FilePath, of history: HistoryID, hurt: [CheckpointReference],
    _ report: inout CheckReport, _ content: () throws -> [UInt8]?
  ) throws {
    if try isRight(path, content()) { return }
    var found = Flaw.missing
    func problem(_ remedy: String) -> Problem {
      Problem(
        kind: found == .missing ? .missingManifest : .wrongManifest,
        path: store.layout.relativeName(of: path), checkpoints: hurt, detail: remedy)
    }
    let lack = "a rebuilt catalog would lack what it should say"
    do {
      // Another process may be between its transaction and the file.
      let settled = try store.outbox.settled { () -> Flaw? in
        guard let expected = try content(), try !isRight(path, expected) else { return nil }
        found = try flaw(of: path, of: history)
        if repairs && found != .contradicting { try store.outbox.write(expected, to: path) }
        return found
      }
      switch settled {
      case nil: return
      case .contradicting:
        report.problems.append(
          problem(
            "it is sound, and says otherwise than the catalog; where the catalog is right, remove this file and run "
              + "'ckptfs fsck --repair', and where the file is, run 'ckptfs fsck --rebuild-catalog'"
          ))
      case .missing where repairs, .unusable where repairs:
        report.repaired.append(problem("\(lack); it was written anew"))
      case .missing, .unusable:
        report.problems.append(problem("\(lack); 'ckptfs fsck --repair' writes it anew"))
      }
    } catch let error as CatalogError {
      throw error
    } catch let error as FileError where !error.concernsFile {
      throw error
    } catch {
      report.problems.append(
        problem("\(lack); it could not be repaired: \(StoreError(error).message)"))
    }
  }

  private func flaw(of path: FilePath, of history: HistoryID) throws(FileError) -> Flaw {
    guard try FileSystemCalls.exists(path) else { return .missing }
    if case .unusable = try ManifestFile(path, of: history, in: store.id) { return .unusable }
    return .contradicting
  }

  private func isRight(_ path: FilePath, _ content: [UInt8]?) throws(FileError) -> Bool {
    guard let content else { return false }
    do throws(FileError) {
      return try FileSystemCalls.contents(of: path, limit: StoreLayout.recordLimit) == content
    } catch {
      // What is gone or cannot be read is not right; `repair` tells whether it can be written.
      guard error.concernsFile else { throw error }
      return false
    }
  }

  private func checkStrayManifests(
    _ expected: Set<FilePath>, _ report: inout CheckReport
  ) throws {
    for directory in try names(in: store.layout.manifests, &report) {
      guard let found = try FileStatus(ifPresent: directory)?.kind else { continue }
      guard found == .directory, Self.history(of: directory) != nil else {
        report.problems.append(Problem(noHistory: store.layout.relativeName(of: directory)))
        continue
      }
      for path in try names(in: directory, &report) {
        if try expected.contains(path) || isNew(path) { continue }
        let problem = try stray(path)
        // What is gone by now was dropped after it was listed.
        if try FileStatus(ifPresent: path) != nil { report.problems.append(problem) }
      }
    }
  }

  /// A directory that cannot be listed is a problem; what can be is gone on with.
  private func names(
    in directory: FilePath, _ report: inout CheckReport
  ) throws(FileError) -> [FilePath] {
    do throws(FileError) {
      return try DirectoryListing.names(in: directory).map { directory.appending(bytes: $0) }
    } catch {
      guard error.concernsFile else { throw error }
      report.problems.append(
        Problem(unlistable: store.layout.relativeName(of: directory), error.description))
      return []
    }
  }

  private func stray(_ path: FilePath) throws -> Problem {
    let name = store.layout.relativeName(of: path)
    // A rebuild would leave such a file out again.
    if let history = Self.history(of: path.removingLastComponent()),
      case .unusable(let flaw) = try ManifestFile(path, of: history, in: store.id)
    {
      return Problem(
        unusable: name, of: history, named: try store.catalog.history(history)?.name, flaw: flaw)
    }
    return Problem(
      kind: .strayManifest, path: name, checkpoints: [],
      detail:
        "the catalog knows nothing of it; 'ckptfs fsck --rebuild-catalog' takes it in, or tells what it lacks"
    )
  }

  private static func history(of directory: FilePath) -> HistoryID? {
    directory.lastComponent.flatMap { StoreLayout.history(ofDirectory: Array($0.string.utf8)) }
  }

  /// Whether a file belongs to something that came after the catalog was listed.
  private func isNew(_ path: FilePath) throws -> Bool {
    guard let name = path.lastComponent?.string,
      let history = Self.history(of: path.removingLastComponent())
    else { return false }
    if name == "history" { return try store.catalog.history(history) != nil }
    if let number = CheckpointNumber(directoryName: name) {
      return try store.catalog.checkpoint(number, of: history) != nil
    }
    guard name.hasPrefix("tag-"), let tag = try? TagName(String(name.dropFirst(4))) else {
      return false
    }
    return try store.catalog.tag(named: tag, of: history) != nil
  }
}
