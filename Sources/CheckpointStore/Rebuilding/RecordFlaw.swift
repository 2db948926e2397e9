// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage

/// Why a file beside the catalog, which a rebuild goes by, says nothing.
enum RecordFlaw: CustomStringConvertible {
  case content(String)
  /// What it says may be sound: it could not be read, perhaps for now.
  case unread(FileError)

  var description: String {
    switch self {
    case .content(let flaw): flaw
    case .unread(let error): "\(error)"
    }
  }

  /// - Parameter error: what came of reading the file; it concerns it.
  init(_ error: FileError) {
    switch error.errno {
    // No record is so: nothing to read is there.
    case .invalidArgument, .isDirectory, .tooManySymbolicLinkLevels, .fileTooLarge:
      self = .content("\(error)")
    default: self = .unread(error)
    }
  }
}
