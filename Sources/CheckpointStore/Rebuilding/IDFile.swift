// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// The file that says beyond which ids a catalog that was made anew gives its own.
enum IDFile {
  /// No catalog of the store was made anew.
  case absent
  case usable(RebuiltIDs)
  case unusable(RecordFlaw)

  /// - Throws: what concerns no file, or whom it may be read by: it is not to be replaced for that.
  init(_ layout: StoreLayout) throws(FileError) {
    let bytes: [UInt8]
    do throws(FileError) {
      guard try FileSystemCalls.exists(layout.rebuiltIDs) else {
        self = .absent
        return
      }
      bytes = try FileSystemCalls.contents(of: layout.rebuiltIDs, limit: 4096)
    } catch {
      guard error.concernsFile, !error.concernsCaller else { throw error }
      self = .unusable(RecordFlaw(error))
      return
    }
    do throws(InvalidText) {
      self = .usable(try RebuiltIDs(decoding: bytes))
    } catch {
      self = .unusable(.content("\(error)"))
    }
  }

  var ids: RebuiltIDs? {
    if case .usable(let ids) = self { ids } else { nil }
  }

  static func problem(_ flaw: RecordFlaw, _ layout: StoreLayout) -> Problem {
    problem(
      flaw, layout,
      "put it back from a backup, or rebuild the catalog, which writes it anew, and then")
  }

  /// What was wrong with it when the catalog was made anew, which has replaced it.
  static func replaced(_ flaw: RecordFlaw, _ layout: StoreLayout) -> Problem {
    problem(flaw, layout, "it was written anew:")
  }

  private static func problem(_ flaw: RecordFlaw, _ layout: StoreLayout, _ deed: String) -> Problem
  {
    Problem(
      kind: .wrongManifest, path: layout.relativeName(of: layout.rebuiltIDs), checkpoints: [],
      detail:
        "the ids that an earlier catalog gave are not known (\(flaw)); \(deed) mount anew, since old file handles could "
        + "lead to other files")
  }
}
