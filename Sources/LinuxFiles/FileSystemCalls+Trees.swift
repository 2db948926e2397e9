// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

extension FileSystemCalls {
  /// Removes a directory with all that it holds; symbolic links are removed, not followed, whatever takes a
  /// directory's place meanwhile.
  public static func removeTree(_ path: FilePath) throws(FileError) {
    let parent = path.removingLastComponent()
    guard let name = path.lastComponent, try exists(path) else { return }
    let directory = try OpenDirectory(resolve(parent.isEmpty ? "." : parent))
    try directory.removeTree(FilePath(root: nil, [name]).bytes)
  }
}
