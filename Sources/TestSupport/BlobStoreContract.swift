// SPDX-License-Identifier: Apache-2.0

package import BlobStore
import Checkpoints
import LinuxFiles
package import SystemPackage
import Testing

/// What every `BlobStore` must do: each method is a test that an implementation's suite runs.
package struct BlobStoreContract {
  package let store: any BlobStore
  /// A place for sources, on the same file system if that matters to the implementation.
  package let scratch: FilePath

  package init(_ store: any BlobStore, scratch: FilePath) {
    self.store = store
    self.scratch = scratch
  }

  private func name(_ staged: StagedBlob, _ incarnation: Int64) -> BlobName {
    BlobName(
      digest: staged.content.digest, incarnation: Incarnation(rawValue: incarnation))
  }

  /// What was staged and placed can be read, checked and listed, under its name only.
  package func placesWhatWasStaged() throws {
    let source = scratch.appending("source")
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try source.write(bytes)
    try source.age()
    let area = try store.makeStagingArea(owner: OwnerToken())
    var progress = 0
    let staged = try store.stage(FileLocation(source), mode: .copy, in: area) { progress += $0 }
    #expect(progress == bytes.count)
    #expect(staged.content.digest == Digest(hashing: bytes))
    let name = name(staged, 7)
    #expect(try store.status(of: name) == nil)
    try store.place([(staged, name)])
    let status = try #require(try store.status(of: name))
    #expect(status.isRegular && status.size == UInt64(bytes.count))
    #expect(status.modified.nanoseconds == (try source.status.modified))
    #expect(status.access == staged.access)
    #expect(try store.contents(of: name, limit: 1 << 20) == bytes)
    #expect(try store.digest(of: name) { _ in } == staged.content.digest)
    var names: [BlobName] = []
    try store.forEachName { names.append($0) }
    #expect(names == [name])
    let open = try #require(try store.open(name))
    #expect(open.file.length == Int64(bytes.count))
    #expect(open.status == status)
  }

  /// Two incarnations of one content are two blobs: removing one leaves the other.
  package func keepsIncarnationsApart() throws {
    let area = try store.makeStagingArea(owner: OwnerToken())
    let (first, second) = (
      try store.stage([1, 2, 3], in: area), try store.stage([1, 2, 3], in: area)
    )
    try store.place([(first, name(first, 1)), (second, name(second, 2))])
    try store.remove([name(first, 1)])
    #expect(try store.status(of: name(first, 1)) == nil)
    #expect(try store.contents(of: name(second, 2), limit: 10) == [1, 2, 3])
  }

  /// A name is given once: placing another content under it fails and leaves the first.
  package func neverReplacesABlob() throws {
    let area = try store.makeStagingArea(owner: OwnerToken())
    let (first, second) = (
      try store.stage([1], in: area), try store.stage([1], in: area)
    )
    try store.place([(first, name(first, 1))])
    #expect(throws: BlobStoreError.self) { try store.place([(second, name(first, 1))]) }
    #expect(try store.contents(of: name(first, 1), limit: 10) == [1])
  }

  /// Removing what is not there is done already.
  package func removesTwice() throws {
    let area = try store.makeStagingArea(owner: OwnerToken())
    let staged = try store.stage([9], in: area)
    try store.place([(staged, name(staged, 1))])
    try store.remove([name(staged, 1)])
    try store.remove([name(staged, 1)])
    #expect(try store.open(name(staged, 1)) == nil)
  }

  /// What was staged and never placed goes with its owner, or with gc when the owner died.
  package func forgetsWhatWasNotPlaced() throws {
    let owner = OwnerToken()
    var area: StagingArea? = try store.makeStagingArea(owner: owner)
    var staged: StagedBlob? = try store.stage([5], in: try #require(area))
    let kept = try store.removeStaging { _ in true }
    #expect(kept.files == 0)
    let removed = try store.removeStaging { $0 != owner }
    #expect(removed.files == 1)
    #expect(removed.bytes == 1)
    (staged, area) = (nil, nil)
    #expect(staged == nil && area == nil)
    let nothing = try store.removeStaging { _ in false }
    #expect(nothing.files == 0)
  }

  /// A source that is written to while it is read is refused.
  package func refusesAChangingSource() throws {
    let source = scratch.appending("changing")
    try source.write([UInt8](repeating: 1, count: 3 << 20))
    try source.age()
    let area = try store.makeStagingArea(owner: OwnerToken())
    var isFirst = true
    let error = #expect(throws: BlobStoreError.self) {
      try store.stage(FileLocation(source), mode: .copy, in: area) { _ in
        guard isFirst else { return }
        isFirst = false
        do {
          try source.write([UInt8](repeating: 2, count: 3 << 20))
        } catch {
          Issue.record(error)
        }
      }
    }
    #expect(error?.code == .sourceChanged)
  }

  /// A hard link takes no bytes and is the same file; where it cannot be, that is said.
  package func links() throws {
    let source = scratch.appending("linked")
    try source.write([4, 4])
    try source.age()
    try source.setPermissions(0o640)
    let area = try store.makeStagingArea(owner: OwnerToken())
    let staged = try store.stage(FileLocation(source), mode: .link, in: area) { _ in }
    try store.place([(staged, name(staged, 3))])
    let status = try #require(try store.status(of: name(staged, 3)))
    #expect(status.inode == (try source.status.inode))
    #expect(status.access == staged.access && staged.access.permissions == 0o640)
  }

  /// Evidence is given only for a file that was last written well before it was hashed.
  package func distrustsFreshFiles() throws {
    let (old, fresh) = (scratch.appending("old"), scratch.appending("fresh"))
    try old.write([1])
    try old.age()
    try fresh.write([2])
    let area = try store.makeStagingArea(owner: OwnerToken())
    #expect(try store.stage(FileLocation(old), mode: .copy, in: area) { _ in }.evidence != nil)
    #expect(try store.stage(FileLocation(fresh), mode: .copy, in: area) { _ in }.evidence == nil)
  }

  /// A copy out of the store is checked against the digest.
  package func exportsWhatIsRight() throws {
    let area = try store.makeStagingArea(owner: OwnerToken())
    let staged = try store.stage([6, 6, 6], in: area)
    let name = name(staged, 1)
    try store.place([(staged, name)])
    let target = scratch.appending("exported")
    try store.export(
      name, to: FileLocation(target), mode: .copy, modified: Timestamp(nanoseconds: 5_000_000_001),
      owner: staged.owner
    ) { _ in }
    #expect(try target.read() == [6, 6, 6])
    #expect(try target.status.modified == 5_000_000_001)
  }
}
