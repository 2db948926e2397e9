// SPDX-License-Identifier: Apache-2.0

/// Why a session ended without an error.
package enum SessionEnd: Hashable, Sendable {
  /// Somebody unmounted the file system.
  case unmounted
  case signal(Int32)
}
