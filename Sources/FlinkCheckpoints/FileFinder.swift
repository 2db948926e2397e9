// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Finds files by their recorded paths, also when the checkpoints were moved.
///
/// The recorded place is tried first where it lies below the root, then the same end of the path below the root, then
/// the recorded place: so a job directory is readable wherever it was copied to, and a copy is shown from its own files
/// while the original is there. What lies outside the root is believed only where it is named
/// as Flink names files, by a UUID: a forged `_metadata` must not show what else is on the machine.
struct FileFinder {
  enum Place: Hashable, Sendable {
    case file(FilePath)
    /// One clause: why there is none, and what to do.
    case unreachable(String)
  }

  /// What is shown, without symbolic links.
  let root: FilePath
  let mappings: [PathMapping]
  /// By recorded directory.
  private var candidates: [[String]: Candidates] = [:]

  private struct Candidate {
    let path: FilePath
    let isInside: Bool
  }

  private struct Candidates {
    /// Existing directories, the best first.
    var directories: [Candidate] = []
    /// Why one could not be looked for.
    var failure: FileError?
  }

  init(root: FilePath, mappings: [PathMapping]) {
    self.root = root
    // The longest first: it says most exactly where a file is.
    self.mappings = mappings.sorted { $0.old.utf8.count > $1.old.utf8.count }
  }

  mutating func find(_ recorded: String) -> Place {
    let path = RecordedPath(recorded)
    for mapping in mappings {
      if let rest = mapping.rest(of: path) { return .file(mapping.new.appending(rest)) }
    }
    switch path {
    case .local(let components): return find(components)
    case .remote(let scheme, let text):
      return .unreachable(
        "it is in a store that ckptfs cannot read ('\(scheme):'); copy it, and give "
          + "--map \(text.prefix { $0 != "/" })//…=/directory")
    case .invalid: return .unreachable("its recorded path is no absolute path without '..'")
    }
  }

  /// Whether a place lies in what is shown, or where a mapping leads.
  func isInside(_ path: FilePath) -> Bool {
    path.starts(with: root) || mappings.contains { path.starts(with: $0.new) }
  }

  private mutating func find(_ components: [String]) -> Place {
    let name = components[components.count - 1]
    let candidates = candidates(for: Array(components.dropLast()))
    var failure = candidates.failure
    var isForbidden = false
    for directory in candidates.directories {
      guard directory.isInside || isNamedByFlink(name) else {
        isForbidden = true
        continue
      }
      let path = directory.path.appending(name)
      do throws(FileError) {
        if try FileStatus(at: path).kind == .regular { return .file(path) }
      } catch {
        if !error.isAbsence { failure = failure ?? error }
      }
    }
    // What could not be looked at may be there.
    if let failure { return .unreachable("\(failure)") }
    let recorded = FilePath("/").appending(components)
    if isForbidden {
      return .unreachable("'\(recorded)' is outside '\(root)', and not named as Flink names files")
    }
    return .unreachable(
      "it is neither at '\(recorded)' nor at an end of that path below '\(root)'; if it was moved, "
        + "--map old=new says where to")
  }

  /// Where files of the recorded directory may be.
  private mutating func candidates(for components: [String]) -> Candidates {
    if let known = candidates[components] { return known }
    var found = Candidates()
    for path in [FilePath("/").appending(components)] + ends(of: components) {
      do throws(FileError) {
        let resolved = try FileSystemCalls.resolve(path)
        guard !found.directories.contains(where: { $0.path == resolved }) else { continue }
        found.directories.append(
          Candidate(path: resolved, isInside: resolved.starts(with: root)))
      } catch {
        if !error.isAbsence { found.failure = found.failure ?? error }
      }
    }
    found.directories =
      found.directories.filter(\.isInside) + found.directories.filter { !$0.isInside }
    // What fails in another way may succeed the next time.
    if found.failure?.concernsCaller ?? true {
      candidates[components] = found
    }
    return found
  }

  /// The ends of a path below the root, the longest first, the root itself last.
  private func ends(of components: [String]) -> [FilePath] {
    (0...components.count).suffix(Self.maximumDepth).map {
      root.appending(Array(components[$0...]))
    }
  }

  private static let maximumDepth = 32
}

extension FileError {
  /// Whether it says that there is no such file.
  fileprivate var isAbsence: Bool {
    switch errno {
    case .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels, .fileNameTooLong: true
    default: false
    }
  }
}

/// Whether it is a UUID: the name of every state file that Flink writes.
private func isNamedByFlink(_ name: String) -> Bool {
  let parts = name.split(separator: "-", omittingEmptySubsequences: false)
  return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
    && parts.joined().utf8.allSatisfy(isHexadecimal)
}

private func isHexadecimal(_ digit: UInt8) -> Bool {
  (48...57).contains(digit) || (65...70).contains(digit) || (97...102).contains(digit)
}

extension FilePath {
  /// - Parameter names: components without slashes.
  func appending(_ names: [String]) -> FilePath {
    names.reduce(self) { $0.appending($1) }
  }
}
