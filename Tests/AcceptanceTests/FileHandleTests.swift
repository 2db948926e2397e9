// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// What a server for NFS relies on: handles of files that outlive all memory of them, the kernel's and the mount's.
///
/// Without a handle nothing can be exported; the kernel's own server is no part of most test machines.
@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .enabled(if: getuid() == 0, "only root may open by handle"),
  .enabled(if: FileHandles.areThere, "this C library has no name_to_handle_at(2)"),
  .timeLimit(.minutes(60)))
struct FileHandleTests {
  private static let files = [
    "", "orders", "orders/chk-1", "orders/chk-1/CURRENT", "orders/chk-1/000010.sst",
    "orders/chk-2/000011.sst", "orders/tags", "orders/by-time", ".ckptfs/status.json",
  ]

  private let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.shell(
      """
      mkdir $AT/cp; cd $AT/cp; echo MANIFEST-000005 > CURRENT; echo 1 > MANIFEST-000005
      echo small > 000010.sst; head -c 1000000 /dev/urandom > 000011.sst
      """)
    for number in 1...2 {
      try bench.commit("cp", to: "orders", "--unchecked", "--number", "\(number)")
    }
  }

  /// Makes the kernel forget all names and nodes that nobody uses.
  private func forget() throws {
    try bench.shell("sync; echo 2 > /proc/sys/vm/drop_caches")
  }

  private func expect(_ handles: [String: FileHandle], leadInto mount: FilePath) throws {
    for (name, handle) in handles {
      let path = name.isEmpty ? mount : mount.appending(name)
      let found = try FileHandles.open(handle, below: mount)
      defer { try? found.close() }
      #expect(try Stat(found).inode == Stat(path).inode, "\(name)")
      guard try Stat(path).type == .regular, name.hasPrefix("orders") else { continue }
      var bytes = [UInt8](repeating: 0, count: 2_000_000)
      let count = try unsafe bytes.withUnsafeMutableBytes {
        try unsafe found.read(fromAbsoluteOffset: 0, into: $0)
      }
      let expected = try Data(
        contentsOf: URL(filePath: bench("cp").string + "/" + name.dropFirst(13)))
      #expect(Array(bytes.prefix(count)) == Array(expected), "\(name)")
    }
  }

  @Test(
    "A file is opened by its handle after the kernel has forgotten it, and in the next mount of the store",
    arguments: ["passthrough=off", "passthrough=auto"])
  func outliving(options: String) throws {
    let handles = try bench.withMount(options: options) { mount in
      let handles = try Dictionary(
        uniqueKeysWithValues: Self.files.map { name in
          (name, try FileHandles.handle(of: name.isEmpty ? mount.point : mount(name)))
        })
      try expect(handles, leadInto: mount.point)
      try forget()
      try expect(handles, leadInto: mount.point)
      return handles
    }
    try bench.withMount(options: options) { mount in
      try expect(handles, leadInto: mount.point)
    }
  }

  @Test(
    "The handle of what was dropped is stale, and those of shared files lead to what others have")
  func stale() throws {
    try bench.withMount { mount in
      let own = try FileHandles.handle(of: mount("orders/chk-1/CURRENT"))
      let directory = try FileHandles.handle(of: mount("orders/chk-1"))
      let shared = try FileHandles.handle(of: mount("orders/chk-1/000010.sst"))
      try bench.ckptfs("drop", "orders/chk-1")
      let gone = time { !FileManager.default.fileExists(atPath: mount("orders/chk-1").string) }
      try #require(gone != nil)
      try forget()
      for handle in [own, directory] {
        #expect(throws: Errno.staleNFSFileHandle) {
          try FileHandles.open(handle, below: mount.point).close()
        }
      }
      let found = try FileHandles.open(shared, below: mount.point)
      defer { try? found.close() }
      #expect(try Stat(found).inode == Stat(mount("orders/chk-2/000010.sst")).inode)
    }
  }
}

/// As name_to_handle_at(2) fills it: the room in bytes, the type, the handle.
private struct FileHandle {
  var bytes: [UInt8]
}

/// Calls of Linux that Swift's Glibc module lacks, since it is built without _GNU_SOURCE.
private enum FileHandles {
  private typealias GetHandle =
    @convention(c) (
      Int32, UnsafePointer<CChar>, UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>, Int32
    ) -> Int32
  private typealias OpenHandle = @convention(c) (Int32, UnsafeMutableRawPointer, Int32) -> Int32

  static var areThere: Bool {
    unsafe dlsym(nil, "name_to_handle_at") != nil && dlsym(nil, "open_by_handle_at") != nil
  }

  static func handle(of path: FilePath) throws -> FileHandle {
    let symbol = try unsafe #require(dlsym(nil, "name_to_handle_at"))
    let call = unsafe unsafeBitCast(symbol, to: GetHandle.self)
    var bytes = [UInt8](repeating: 0, count: 8 + 128)
    bytes[0] = 128
    var mount: Int32 = 0
    let result = unsafe path.withPlatformString { path in
      unsafe bytes.withUnsafeMutableBytes { unsafe call(-100, path, $0.baseAddress!, &mount, 0) }
    }
    guard result == 0 else { throw Errno(rawValue: errno) }
    return FileHandle(bytes: bytes)
  }

  static func open(_ handle: FileHandle, below mount: FilePath) throws -> FileDescriptor {
    let symbol = try unsafe #require(dlsym(nil, "open_by_handle_at"))
    let call = unsafe unsafeBitCast(symbol, to: OpenHandle.self)
    let root = try FileDescriptor.open(mount, .readOnly)
    defer { try? root.close() }
    var bytes = handle.bytes
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe call(root.rawValue, $0.baseAddress!, O_RDONLY)
    }
    guard result >= 0 else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: result)
  }
}
