// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct DigestTests {
  @Test("the digest of nothing is the known SHA-256")
  func known() {
    #expect(
      Digest(hashing: []).hexadecimal
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("a digest in pieces is that of the whole")
  func pieces() {
    var digest = RunningDigest()
    digest.append([1, 2, 3][...])
    digest.append([4][...])
    #expect(digest.finish() == Digest(hashing: [1, 2, 3, 4]))
  }

  @Test("a digest reads back from its bytes and its one spelling")
  func roundTrip() {
    let digest = Digest(hashing: [7])
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(Digest(hexadecimal: digest.hexadecimal) == digest)
    #expect(Digest(hexadecimal: digest.hexadecimal.uppercased()) == nil)
    #expect(Digest(hexadecimal: digest.hexadecimal + "0") == nil)
    #expect(Digest(bytes: digest.bytes.dropLast()) == nil)
    #expect(Digest(bytes: digest.bytes + [0]) == nil)
  }

  @Test("a blob's name reads back, and has one spelling")
  func blobName() {
    let name = BlobName(digest: Digest(hashing: [7]), incarnation: Incarnation(rawValue: 12))
    #expect(BlobName(name.description) == name)
    for text in [
      "\(name.digest)", "\(name.digest)-", "\(name.digest)-0", "\(name.digest)-012",
      "\(name.digest)--1", "x-1",
    ] {
      #expect(BlobName(text) == nil)
    }
  }

  @Test("a shared inode has bit 62 set, bit 63 clear, and is the same for the same content")
  func inode() {
    let inode = SharedInode(Digest(hashing: [7]))
    #expect(inode.rawValue >> 62 == 1)
    #expect(SharedInode(rawValue: inode.rawValue) == inode)
    #expect(SharedInode(Digest(hashing: [8])) != inode)
    #expect(SharedInode(rawValue: 1) == nil)
  }
}
