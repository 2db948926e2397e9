// SPDX-License-Identifier: Apache-2.0

/// Whether the kernel is to read large files by itself.
package enum PassthroughPolicy: String, Hashable, Sendable {
  /// Where it can, and may.
  case automatic = "auto"
  /// Else there is to be no mount.
  case required = "on"
  case off
}
