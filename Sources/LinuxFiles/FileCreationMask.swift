// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The umask of this process.
public enum FileCreationMask {
  /// Lets the owner have what this process makes, whatever it was started with: else a store would lock its own user out.
  ///
  /// To be called before other threads are there, since the mask is another for a moment.
  public static func allowOwner() {
    let mask = umask(0o077)
    _ = umask(mask & 0o077)
  }
}
