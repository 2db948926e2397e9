// SPDX-License-Identifier: Apache-2.0

import SystemPackage

extension Mount {
  /// Has the kernel read so much ahead of who reads a file of this mount from its start on.
  ///
  /// - Throws: where this process may not say so, as in most containers and for all but root.
  public func setReadAhead(kilobytes: Int) throws(FileError) {
    let path = FilePath("/sys/class/bdi/\(device)/read_ahead_kb")
    let file = try FileSystemCalls.open(path, .writeOnly)
    defer { try? file.close() }  // a write to sysfs has succeeded or failed when it returns
    try file.write(all: Array("\(kilobytes)\n".utf8)[...], path: path)
  }
}
