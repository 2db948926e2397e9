// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

struct RestoreTests {
  let fixture: StoreFixture

  init() throws {
    fixture = try StoreFixture()
  }

  @Test(
    "a restored checkpoint has its names, contents and times",
    arguments: RestoreMode.allCases.filter { $0 != .reflink })
  func restores(_ mode: RestoreMode) throws {
    var files = try fixture.source("a", ["1.sst": "one", "CURRENT": "current"])
    let sub = try fixture.scratch.directory("sub")
    files.append(SourceFile(path: try EntryPath("sub"), location: sub, kind: .directory))
    try sub.appending("x").write("x")
    files.append(
      SourceFile(
        path: try EntryPath(bytes: Array("sub/".utf8) + [0xff]), location: sub.appending("x"),
        kind: .own))
    try fixture.commit(files)
    let target = fixture.scratch.path.appending("out")
    let report = try fixture.store.restore(
      fixture.checkpoint("orders/chk-1"), to: target, mode: mode)
    #expect(report.files == 3)
    #expect(report.bytes == 11)
    #expect(try target.names == ["1.sst", "CURRENT", "sub"])
    #expect(try target.appending("1.sst").read() == Array("one".utf8))
    #expect(try target.appending("sub").appending(bytes: [0xff]).read() == Array("x".utf8))
    #expect(
      try target.appending("CURRENT").status.modified
        == files.first { $0.path.description == "CURRENT" }?
        .location.status.modified)
    try fixture.expectSound()
  }

  @Test("a restored copy can be written to without harm to the store")
  func independent() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let target = fixture.scratch.path.appending("out")
    _ = try fixture.store.restore(fixture.checkpoint("orders/chk-1"), to: target)
    try target.appending("1.sst").write("two")
    try fixture.expectSound()
  }

  @Test("a destination that holds something is left alone")
  func occupied() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let target = try fixture.scratch.directory("out")
    try target.appending("precious").write("data")
    let error = #expect(throws: StoreError.self) {
      try fixture.store.restore(fixture.checkpoint("orders/chk-1"), to: target)
    }
    #expect(error?.code == .exists)
    #expect(try target.names == ["precious"])
    let empty = try fixture.scratch.directory("empty")
    _ = try fixture.store.restore(fixture.checkpoint("orders/chk-1"), to: empty)
    #expect(try empty.names == ["1.sst"])
  }

  @Test(
    "a destination in the store is refused, by whatever path",
    arguments: ["store/pending", "store/new", "store/manifests/7", "link/pending", "link/new"])
  func inStore(_ name: String) throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let link = fixture.scratch.path.appending("link").string
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: fixture.path.string)
    let target = fixture.scratch.path.appending(name)
    let wasThere = try target.exists
    let error = #expect(throws: StoreError.self) {
      try fixture.store.restore(fixture.checkpoint("orders/chk-1"), to: target)
    }
    #expect(error?.code == .refused)
    #expect(try target.exists == wasThere)
    #expect(try fixture.path.appending("pending").names.isEmpty)
    try fixture.expectSound()
  }

  @Test("a checkpoint with a damaged content is not restored, and nothing half made is left")
  func damaged() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one", "2.sst": "two"]))
    for name in try fixture.blobFiles
    where name.hasPrefix(Digest(hashing: Array("two".utf8)).hexadecimal) {
      try FileSystemCalls.unlink(
        fixture.path.appending("blobs").appending(String(name.prefix(2))).appending(name))
    }
    let target = fixture.scratch.path.appending("out")
    let error = #expect(throws: StoreError.self) {
      try fixture.store.restore(fixture.checkpoint("orders/chk-1"), to: target)
    }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("2.sst") == true)
    #expect(try fixture.scratch.path.names.allSatisfy { !$0.hasPrefix("out") })
  }

  @Test("of what a dead owner's lock file names, only a restore's directory is removed")
  func abandoned() throws {
    try fixture.commit(try fixture.source("a", ["1.sst": "one"]))
    let precious = try fixture.scratch.directory("precious")
    let left = try fixture.scratch.directory("out.ckptfs-restore-0123456789abcdef")
    try left.appending("1.sst").write("half")
    let locks = fixture.path.appending("locks")
    try locks.appending("0123456789abcdef").write(left.string)
    try locks.appending("00112233445566ff").write(precious.string)
    try locks.appending("00112233445566ee").write(left.string)
    #expect(try fixture.store.collectGarbage().removedLeftovers == 4)
    #expect(try FileSystemCalls.exists(precious))
    #expect(try !FileSystemCalls.exists(left))
    #expect(try locks.names.allSatisfy { $0.utf8.count != 16 })
  }
}
