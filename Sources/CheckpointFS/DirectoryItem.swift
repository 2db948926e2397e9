// SPDX-License-Identifier: Apache-2.0

/// One name in the listing of a directory.
package struct DirectoryItem: Hashable, Sendable {
  package let name: [UInt8]
  package let inode: Inode
  package let kind: NodeAttributes.Kind
  /// `nil` for "." and "..", which a listing never looks up, and where telling them is dear.
  package let attributes: NodeAttributes?
  /// Where a listing goes on after this name, whatever appeared or vanished meanwhile.
  package let nextOffset: Int64

  package init(
    name: [UInt8], inode: Inode, kind: NodeAttributes.Kind, attributes: NodeAttributes? = nil,
    nextOffset: Int64
  ) {
    self.name = name
    self.inode = inode
    self.kind = kind
    self.attributes = attributes
    self.nextOffset = nextOffset
  }

  package init(name: [UInt8], attributes: NodeAttributes, nextOffset: Int64) {
    self.init(
      name: name, inode: attributes.inode, kind: attributes.kind, attributes: attributes,
      nextOffset: nextOffset)
  }
}
