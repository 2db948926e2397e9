// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import LinuxFiles
import SystemPackage

/// A file, or a part of one, that checkpoints refer to.
struct StateFileRecord {
  let key: Digest
  /// As the `_metadata` has it.
  let recorded: String
  private(set) var place: FileFinder.Place
  /// Where it begins in its file, in bytes.
  let start: UInt64
  /// As recorded, in bytes.
  let size: UInt64
  /// Whether it is not all of its file, or not known to be.
  let isPart: Bool
  /// Of the file when it was looked at first; `nil` when it was not there.
  let modified: Timestamp?
  let owner: Ownership?
  /// How many checkpoints use it.
  var references: Int64 = 0

  /// A file that was not there has no time: it is shown with that of the epoch.
  var content: Content {
    Content(digest: key, size: size, modified: modified ?? Timestamp(nanoseconds: 0))
  }

  /// With the place where it is now, if it was nowhere before, or was taken from elsewhere than the directory that is shown: a copy
  /// may have been completed since.
  func lookedFor(with finder: inout FileFinder) -> StateFileRecord {
    if case .file(let path) = place, finder.isInside(path) { return self }
    guard case .file(let path) = finder.find(recorded) else { return self }
    var record = self
    record.place = .file(path)
    // It may be being written; what was found before goes on to be shown until it is whole.
    if case .file = place, record.problemNow() != nil { return self }
    return record
  }

  /// Why the file is not what was recorded, in one clause.
  func problem(_ status: FileStatus?) -> String? {
    switch place {
    case .unreachable(let reason): return reason
    case .file(let path):
      guard let status else { return "'\(path)' is not there" }
      guard status.kind == .regular else { return "'\(path)' is no regular file" }
      if status.isBorrowed(at: path) {
        return
          "'\(path)' is a hard link to a file of user \(status.user) that its directory's owner may not read"
      }
      if isPart {
        return status.size < start + size
          ? "'\(path)' has \(status.size) bytes, \(start + size) are needed" : nil
      }
      return status.size == size ? nil : "'\(path)' has \(status.size) bytes instead of \(size)"
    }
  }

  /// Looks at the file now.
  func problemNow() -> String? {
    guard case .file(let path) = place else { return problem(nil) }
    do throws(FileError) {
      return problem(try FileStatus(ifPresent: path))
    } catch {
      return "\(error)"
    }
  }
}
