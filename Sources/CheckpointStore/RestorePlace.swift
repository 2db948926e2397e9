// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Glibc
import LinuxFiles
import SystemPackage

/// Where a restored directory is put together, and where it comes to lie.
///
/// The directory around both is held open, and so is what is put together: who may write to the one, and puts a link in
/// the place of a directory, can have nothing written elsewhere.
struct RestorePlace {
  let parent: OpenDirectory
  private let stagedName: [UInt8]
  private let name: [UInt8]

  /// - Parameter destination: of which the directory around it exists.
  init(_ destination: FilePath, owner: OwnerToken) throws(FileError) {
    guard let component = destination.lastComponent else {
      throw FileError("restore to", destination, .fileExists)
    }
    parent = try OpenDirectory(FileSystemCalls.resolve(destination.parentDirectory))
    name = FilePath(root: nil, [component]).bytes
    stagedName = name + Array(AbandonedRestore.suffix(of: owner).utf8)
  }

  var destination: FileLocation { parent.appending(name) }
  var staged: FileLocation { parent.appending(stagedName) }

  /// - Throws: code `refused` when somebody else put another in its place at once.
  func makeStaged() throws -> OpenDirectory {
    try staged.makeDirectory(permissions: 0o755)
    let directory = try OpenDirectory(staged)
    guard try directory.status().user == geteuid() else { throw replaced }
    return directory
  }

  /// Gives what was put together the destination's name.
  ///
  /// - Throws: code `refused` when that name then leads to something else.
  func put(_ directory: OpenDirectory) throws {
    try staged.rename(to: destination)
    let (made, placed) = (try directory.status(), try destination.status())
    guard placed?.isOfSameFile(as: made) == true else { throw replaced }
  }

  private var replaced: StoreError {
    StoreError(
      .refused,
      "'\(staged.path)' was replaced by somebody while it was put together; choose a destination in a directory to which "
        + "only you may write")
  }

  func removeStaged() throws(FileError) { try parent.removeTree(stagedName) }
}
