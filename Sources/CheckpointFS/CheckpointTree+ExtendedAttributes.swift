// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// What `getfattr` shows of files and checkpoints, with the mount option `xattr`.
///
/// A shared file belongs to many checkpoints, so it tells only what holds in all of them; the names of
/// those that need it are a question to the store.
extension CheckpointTree {
  package enum ExtendedAttribute: String, Sendable {
    case digest = "user.ckptfs.digest"
    case references = "user.ckptfs.references"
    case history = "user.ckptfs.history"
    case number = "user.ckptfs.number"
  }

  package func extendedAttributes(
    of inode: Inode
  ) throws(TreeError) -> [(attribute: ExtendedAttribute, value: String)] {
    guard options.extendedAttributes else { throw .attributesDisabled }
    switch inode {
    case .shared(let shared):
      let record = try sharedFile(shared)
      return attributes(of: record.content, references: record.references)
    case .checkpoint(let id): return try attributes(of: id)
    case .entry(let id, let ordinal):
      let record = try entry(ordinal, of: id)
      let own = record.entry.content.map {
        attributes(of: $0, references: record.references)
      }
      return try (own ?? []) + attributes(of: id)
    case .root, .history, .latest, .tags, .byTime, .tag, .time, .control: return []
    }
  }

  package func extendedAttribute(
    _ name: [UInt8], of inode: Inode
  ) throws(TreeError) -> [UInt8] {
    let all = try extendedAttributes(of: inode)
    guard let found = all.first(where: { $0.attribute.rawValue.utf8.elementsEqual(name) }) else {
      throw .noSuchAttribute
    }
    return Array(found.value.utf8)
  }

  private func attributes(
    of id: CheckpointID
  ) throws(TreeError) -> [(attribute: ExtendedAttribute, value: String)] {
    let record = try checkpoint(id)
    return [
      (.history, try history(record.history).name.rawValue),
      (.number, String(record.number.rawValue)),
    ]
  }

  private func attributes(
    of content: Content, references: Int64
  ) -> [(attribute: ExtendedAttribute, value: String)] {
    let references = (attribute: ExtendedAttribute.references, value: String(references))
    switch source.contentNaming {
    case .content: return [(.digest, content.digest.hexadecimal), references]
    case .place: return [references]
    }
  }
}
