// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Checkpoints
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

struct LocalBlobStoreTests {
  let scratch: ScratchDirectory
  let root: FilePath
  let store: LocalBlobStore
  let contract: BlobStoreContract

  init() throws {
    scratch = try ScratchDirectory()
    root = try scratch.directory("store")
    try LocalBlobStore.create(at: root)
    store = LocalBlobStore(at: root)
    contract = BlobStoreContract(store, scratch: scratch.path)
  }

  @Test("what was staged and placed can be read, checked and listed")
  func places() throws { try contract.placesWhatWasStaged() }

  @Test("removing one incarnation leaves the other (P4)")
  func incarnations() throws { try contract.keepsIncarnationsApart() }

  @Test("a blob is never replaced")
  func replaces() throws { try contract.neverReplacesABlob() }

  @Test("removing is idempotent (P4)")
  func removes() throws { try contract.removesTwice() }

  @Test("what was never placed goes with its owner (P7)")
  func staging() throws { try contract.forgetsWhatWasNotPlaced() }

  @Test("a source that changes while it is read is refused (P5)")
  func changing() throws { try contract.refusesAChangingSource() }

  @Test("a hard link is the same file")
  func links() throws { try contract.links() }

  @Test("a file written within a second of its hash gives no evidence (P5)")
  func evidence() throws { try contract.distrustsFreshFiles() }

  @Test("an exported copy has the content and the time asked for")
  func exports() throws { try contract.exportsWhatIsRight() }

  @Test("a copy of a rotten blob is refused, not handed out")
  func rotten() throws {
    let area = try store.makeStagingArea(owner: OwnerToken())
    let staged = try store.stage([1, 1], in: area)
    let name = BlobName(
      digest: staged.content.digest, incarnation: Incarnation(rawValue: 1))
    try store.place([(staged, name)])
    try store.path(of: name).write([1, 2])
    let error = #expect(throws: BlobStoreError.self) {
      try store.export(
        name, to: FileLocation(scratch.path.appending("out")), mode: .copy,
        modified: Timestamp(nanoseconds: 0), owner: staged.owner
      ) { _ in }
    }
    #expect(error?.code == .corrupt)
  }

  @Test("a pipe in a blob's place is opened without hanging, and shows in the status")
  func pipe() throws {
    let name = BlobName(digest: Digest(hashing: [3]), incarnation: Incarnation(rawValue: 1))
    try FileSystemCalls.makeDirectory(store.path(of: name))
    #expect(try store.status(of: name)?.isRegular == false)
  }

  @Test("preparing a directory again keeps what is there")
  func again() throws {
    try contract.placesWhatWasStaged()
    try LocalBlobStore.create(at: root)
    var count = 0
    try store.forEachName { _ in count += 1 }
    #expect(count == 1)
  }
}
