// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// A file in the directory of a history's manifests, as a rebuild of the catalog takes it.
enum ManifestFile {
  case history(HistoryManifest)
  case tag(TagManifest)
  case checkpoint(Manifest)
  /// It says nothing that a catalog could be made from.
  case unusable(RecordFlaw)

  /// Reads `path`, which must be what its name says.
  ///
  /// - Throws: what concerns no file.
  init(_ path: FilePath, of history: HistoryID, in store: StoreID) throws(FileError) {
    do throws(FileError) {
      let bytes = try FileSystemCalls.contents(of: path, limit: StoreLayout.recordLimit)
      self = Self.decode(bytes, named: path.lastComponent?.string ?? "", history, store)
    } catch {
      guard error.concernsFile else { throw error }
      self = .unusable(RecordFlaw(error))
    }
  }

  private static func decode(
    _ bytes: [UInt8], named name: String, _ history: HistoryID, _ store: StoreID
  ) -> ManifestFile {
    do throws(InvalidText) {
      return try decoded(bytes, named: name, history, store)
    } catch {
      return .unusable(.content("\(error)"))
    }
  }

  private static func decoded(
    _ bytes: [UInt8], named name: String, _ history: HistoryID, _ store: StoreID
  ) throws(InvalidText) -> ManifestFile {
    let other = RecordFlaw.content("it belongs to another store")
    let misplaced = RecordFlaw.content("it is not what its name says")
    if name == "history" {
      let manifest = try HistoryManifest(decoding: bytes)
      guard manifest.store == store else { return .unusable(other) }
      return manifest.id == history ? .history(manifest) : .unusable(misplaced)
    }
    if name.hasPrefix("tag-") {
      let manifest = try TagManifest(decoding: bytes)
      guard manifest.store == store else { return .unusable(other) }
      let isInPlace = manifest.tag.history == history && name == "tag-\(manifest.tag.name)"
      return isInPlace ? .tag(manifest) : .unusable(misplaced)
    }
    let manifest = try Manifest(decoding: bytes)
    guard manifest.store == store else { return .unusable(other) }
    let isInPlace =
      manifest.checkpoint.history == history
      && name == manifest.checkpoint.number.directoryName
    return isInPlace ? .checkpoint(manifest) : .unusable(misplaced)
  }
}

extension Problem {
  /// A file among the manifests that cannot be used.
  ///
  /// - Parameters:
  ///   - path: within the store.
  ///   - name: that of its history, if it is known.
  init(
    unusable path: String, of history: HistoryID, named name: HistoryName?,
    flaw: RecordFlaw
  ) {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let owner = name.map { "history '\($0)'" } ?? "the history in 'manifests/\(history.rawValue)'"
    let number = CheckpointNumber(directoryName: file)
    let (state, verb, remedy) =
      switch flaw {
      case .content:
        ("lost", "used", "put it back from a backup, or remove it to accept that, and then run")
      case .unread:
        (
          "not known", "read",
          "once it can be read, was put back from a backup, or was moved out of the store to accept that, run"
        )
      }
    let loss =
      if let number {
        "\(number.directoryName) of \(owner) is \(state), since this file, its manifest, cannot be \(verb) (\(flaw))"
      } else if file == "history" {
        "the name of \(owner) is \(state), and all its checkpoints, since this file cannot be \(verb) (\(flaw))"
      } else if file.hasPrefix("tag-") {
        "a tag of \(owner) is \(state), since this file cannot be \(verb) (\(flaw))"
      } else {
        "it is no manifest of \(owner) (\(flaw))"
      }
    self.init(
      kind: .strayManifest, path: path,
      checkpoints: zip([name].compactMap(\.self), [number].compactMap(\.self)).map {
        CheckpointReference(history: $0, number: $1)
      },
      detail:
        "\(loss); \(remedy) 'ckptfs fsck --rebuild-catalog'"
    )
  }

  /// A tag whose checkpoint has no manifest.
  init(tagOnNothing tag: TagRecord, of history: HistoryName?) {
    let directory = "manifests/\(tag.history.rawValue)"
    let checkpoint = "\(directory)/\(tag.number.directoryName)"
    self.init(
      kind: .missingManifest, path: checkpoint,
      checkpoints: history.map { [CheckpointReference(history: $0, number: tag.number)] } ?? [],
      detail:
        "the checkpoint that is tagged '\(tag.name)' is lost with this file, its manifest; put it back from a backup, or remove "
        + "'\(directory)/tag-\(tag.name)' to accept that, and then run 'ckptfs fsck --rebuild-catalog'"
    )
  }
}
