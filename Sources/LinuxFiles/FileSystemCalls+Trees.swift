// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

extension FileSystemCalls {
  /// Removes a directory with all that it holds; symbolic links are removed, not followed.
  public static func removeTree(_ path: FilePath) throws(FileError) {
    guard try exists(path) else { return }
    guard try FileStatus(at: path).kind == .directory else {
      try unlink(path)
      return
    }
    for name in try DirectoryListing.names(in: path) {
      try removeTree(path.appending(bytes: name))
    }
    try removeDirectory(path)
  }
}
