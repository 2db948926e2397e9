// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import Checkpoints
import TestSupport
import Testing

@Suite("Extended attributes")
struct ExtendedAttributeTests {
  private func all(_ path: String) throws -> [String: String] {
    let tree = try Sample().tree(MountOptions("xattr"))
    let attributes = try tree.extendedAttributes(of: tree.node(path).inode)
    return Dictionary(
      uniqueKeysWithValues: attributes.map { ($0.attribute.rawValue, $0.value) })
  }

  @Test("A shared file tells its digest and its count, but no checkpoint: it belongs to many")
  func shared() throws {
    #expect(
      try all("orders/chk-1/000012.sst") == [
        "user.ckptfs.digest": Digest(hashing: Array(Sample.table.utf8)).hexadecimal,
        "user.ckptfs.references": "4",
      ])
  }

  @Test("A file of one checkpoint tells that, too")
  func own() throws {
    #expect(
      try all("orders/chk-10/shard-a/CURRENT") == [
        "user.ckptfs.digest": Digest(hashing: Array("MANIFEST-3\n".utf8)).hexadecimal,
        "user.ckptfs.references": "1", "user.ckptfs.history": "orders",
        "user.ckptfs.number": "10",
      ])
  }

  @Test("A checkpoint and its directories tell history and number", arguments: ["", "/shard-a"])
  func checkpoint(below: String) throws {
    #expect(
      try all("orders/chk-10\(below)") == [
        "user.ckptfs.history": "orders", "user.ckptfs.number": "10",
      ])
  }

  @Test("Nothing else has any", arguments: ["", "orders", "orders/latest", ".ckptfs/status.json"])
  func others(path: String) throws {
    #expect(try all(path).isEmpty)
  }

  @Test("An attribute is read by its exact name")
  func byName() throws {
    let tree = try Sample().tree(MountOptions("xattr"))
    let file = try tree.node("orders/chk-1/CURRENT").inode
    #expect(
      try tree.extendedAttribute(Array("user.ckptfs.number".utf8), of: file)
        == Array("1".utf8))
    for name in ["user.ckptfs.numbe", "security.capability", "user.ckptfs.number\0"] {
      #expect(
        performing: { _ = try tree.extendedAttribute(Array(name.utf8), of: file) },
        throws: { if case TreeError.noSuchAttribute = $0 { true } else { false } })
    }
  }

  @Test("Without the option there are none")
  func disabled() throws {
    let tree = try Sample().tree()
    let file = try tree.node("orders/chk-1/CURRENT").inode
    #expect(
      performing: { _ = try tree.extendedAttributes(of: file) },
      throws: { if case TreeError.attributesDisabled = $0 { true } else { false } })
  }
}
