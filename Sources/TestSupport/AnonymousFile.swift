// SPDX-License-Identifier: Apache-2.0

package import Foundation
import SystemPackage

/// A file without a name, for output that is read later than it is written.
package final class AnonymousFile {
  package let handle: FileHandle

  package init() throws {
    let name = "/var/tmp/ckptfs-output-\(UUID().uuidString)"
    let file = try FileDescriptor.open(
      FilePath(name), .readWrite, options: [.create, .exclusiveCreate, .append],
      permissions: .ownerReadWrite)
    try FileManager.default.removeItem(atPath: name)
    handle = FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: true)
  }

  /// All that was written until now.
  package var text: String {
    get throws {
      // Writers append wherever this goes.
      try handle.seek(toOffset: 0)
      return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
  }
}
