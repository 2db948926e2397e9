// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import LinuxFiles

/// Who owns a file, and what its mode lets others do.
package struct FileAccess: Hashable, Sendable, CustomStringConvertible {
  package let owner: Ownership
  /// The permission bits, with set-id and sticky bits.
  package let permissions: UInt16

  package init(owner: Ownership, permissions: UInt16) {
    self.owner = owner
    self.permissions = permissions
  }

  init(_ status: FileStatus) {
    self.init(
      owner: Ownership(user: status.user, group: status.group), permissions: status.permissions)
  }

  /// Whether owner and mode let a user read, who is in no group but this.
  package func allowsReading(by reader: Ownership) -> Bool {
    if reader.user == 0 { return true }
    if reader.user == owner.user { return permissions & 0o400 != 0 }
    return permissions & (reader.group == owner.group ? 0o040 : 0o004) != 0
  }

  /// As chmod has it.
  package var mode: String {
    let digits = String(permissions, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  package var description: String { "\(owner.user):\(owner.group) with mode \(mode)" }
}
