// SPDX-License-Identifier: Apache-2.0

/// A node's attributes, and how long the kernel may answer from its own memory.
package struct AttributesReply: Hashable, Sendable {
  package var attributes: NodeAttributes
  package var timeout: Duration

  package init(_ attributes: NodeAttributes, timeout: Duration) {
    self.attributes = attributes
    self.timeout = timeout
  }
}
