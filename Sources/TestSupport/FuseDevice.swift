// SPDX-License-Identifier: Apache-2.0

import SystemPackage

/// What every mount begins with.
package enum FuseDevice {
  /// Whether file systems can be mounted here at all.
  package static let isUsable: Bool = {
    guard let device = try? FileDescriptor.open(FilePath("/dev/fuse"), .readWrite) else {
      return false
    }
    try? device.close()  // nothing was written through it
    return Tool.exists("fusermount3")
  }()
}
