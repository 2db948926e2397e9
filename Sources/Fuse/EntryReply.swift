// SPDX-License-Identifier: Apache-2.0
internal import CFuse

/// A name's node, and how long the kernel may answer from its own memory.
package struct EntryReply: Hashable, Sendable {
  /// Tells apart two nodes that have the same number one after the other; 0 where numbers are
  /// never reused.
  package var generation: UInt64
  package var attributes: NodeAttributes
  package var attributeTimeout: Duration
  /// For how long the name leads to this node without another lookup.
  package var entryTimeout: Duration

  package init(
    attributes: NodeAttributes, generation: UInt64 = 0, attributeTimeout: Duration,
    entryTimeout: Duration
  ) {
    self.attributes = attributes
    self.generation = generation
    self.attributeTimeout = attributeTimeout
    self.entryTimeout = entryTimeout
  }

  /// The node the name leads to, which the kernel also shows as `st_ino`.
  package var node: NodeID { attributes.node }
}

extension EntryReply {
  var parameters: fuse_entry_param {
    precondition(node.rawValue != 0, "node 0 would be a negative entry")
    return fuse_entry_param(
      ino: node.rawValue, generation: generation, attr: attributes.status,
      attr_timeout: attributeTimeout.kernelSeconds, entry_timeout: entryTimeout.kernelSeconds)
  }
}
