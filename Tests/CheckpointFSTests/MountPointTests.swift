// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import FoundationEssentials
import SystemPackage
import Testing

@Suite("Mount points")
struct MountPointTests {
  /// `store/blobs`, `mnt/` and `link -> store`.
  private func withDirectories(_ body: (FilePath) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      for name in ["store/blobs", "mnt", "around/store"] {
        try FileManager.default.createDirectory(
          atPath: directory.appending(name).string, withIntermediateDirectories: true)
      }
      try FileManager.default.createSymbolicLink(
        atPath: directory.appending("link").string, withDestinationPath: "store")
      try body(directory)
    }
  }

  private func expect(
    _ flaw: MountPointError.Flaw, _ path: FilePath, source: FilePath
  ) throws {
    let error = try #require(throws: MountPointError.self) {
      try MountPoint(path, source: source)
    }
    #expect(error.flaw == flaw)
    #expect(error.description.contains(path.string) && !error.description.contains("\n"))
  }

  @Test("An empty directory beside the store can be mounted on")
  func accepted() throws {
    try withDirectories { directory in
      let path = directory.appending("mnt")
      let mountPoint = try MountPoint(path, source: directory.appending("store"))
      #expect(mountPoint.path == path)
    }
  }

  @Test("It must be there, be a directory, and be empty")
  func refused() throws {
    try withDirectories { directory in
      let store = directory.appending("store")
      try expect(.absent, directory.appending("nowhere"), source: store)
      let file = directory.appending("file")
      try "x".write(toFile: file.string, atomically: false, encoding: .utf8)
      try expect(.notADirectory, file, source: store)
      try expect(.notEmpty, directory.appending("around"), source: store)
    }
  }

  @Test("It must not be the store or within it, also by a link or \"..\"")
  func within() throws {
    try withDirectories { directory in
      let store = directory.appending("store")
      for name in ["store", "store/blobs", "link", "link/blobs", "mnt/../link/blobs"] {
        try expect(.withinSource(store), directory.appending(name), source: store)
      }
      let link = directory.appending("link")
      try expect(.withinSource(link), store.appending("blobs"), source: link)
    }
  }

  @Test("It must not contain the store")
  func around() throws {
    try withDirectories { directory in
      let store = directory.appending("around/store")
      try expect(.aroundSource(store), directory.appending("around"), source: store)
      try expect(.aroundSource(store), "/", source: store)
    }
  }

  @Test("A store that is not there is named")
  func missingStore() throws {
    try withDirectories { directory in
      let store = directory.appending("no-store")
      try expect(
        .unreadable(store, .noSuchFileOrDirectory), directory.appending("mnt"), source: store)
    }
  }
}
