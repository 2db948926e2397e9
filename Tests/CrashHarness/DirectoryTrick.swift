// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc
import LinuxFiles
import SystemPackage

/// What somebody has put in a directory that is to be committed (promise P10).
package enum DirectoryTrick: String, Codable, CaseIterable, Hashable, Sendable {
  // These are refused.
  case fileLink, danglingLink, directoryLink, pipe, socket, device
  /// A hard link to a file that the directory's owner may not read.
  case borrowedFile
  // These are kept as they are.
  case strangeNames, longNames
  /// Files of RocksDB's that no checkpoint has: they are left out.
  case needlessFiles

  /// Only root makes devices, and only to root is a file given that others may not read.
  static let possible = allCases.filter {
    geteuid() == 0 || ($0 != .device && $0 != .borrowedFile)
  }

  var refusal: StoreError.Code? {
    switch self {
    case .fileLink, .danglingLink, .directoryLink, .pipe, .socket, .device, .borrowedFile: .invalid
    case .strangeNames, .longNames, .needlessFiles: nil
    }
  }

  /// What a checkpoint has because of it.
  var kept: [SyntheticFile] {
    switch self {
    case .strangeNames:
      let invalid = String(path: [0x80, 0x61, 0xFF])
      let names = [
        "a\nb", "\u{1B}[31m", "\u{7F}", invalid, "-rf", " ", "%41\\", "~", "\(invalid)d/\u{1}",
      ]
      return names.enumerated().map { SyntheticFile($1, 20 + $0, isShared: false) }
    case .longNames:
      let name = String(repeating: "n", count: 255)
      return [name, "\(name.dropLast())d/\(name)/\(name)"].enumerated().map {
        SyntheticFile($1, 20 + $0, isShared: false)
      }
    default: return []
    }
  }

  /// - Parameters:
  ///   - directory: laid out as the checkpoint, with what is kept.
  ///   - outside: a directory beside it, for what lies elsewhere.
  func play(in directory: FilePath, outside: FilePath) throws {
    let path = directory.appending("000099.sst")
    switch self {
    case .fileLink:
      try FileSystemCalls.makeSymbolicLink(path, to: try FileTree.secret(in: outside))
    case .danglingLink: try FileSystemCalls.makeSymbolicLink(path, to: "nowhere")
    case .directoryLink: try FileSystemCalls.makeSymbolicLink(path, to: outside)
    case .pipe: try Tool.run("/usr/bin/mkfifo", path.string)
    case .socket:
      try Tool.run(
        "/usr/bin/env", "python3", "-c",
        "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path.string)
    case .device: try Tool.run("/usr/bin/mknod", path.string, "c", "1", "5")
    case .borrowedFile: try FileSystemCalls.link(try FileTree.secret(in: outside), as: path)
    case .strangeNames, .longNames: break
    case .needlessFiles:
      for name in ["LOCK", "LOG", "000099.dbtmp"] {
        try FileTree.write([0x78], to: directory.appending(name))
      }
    }
  }
}
