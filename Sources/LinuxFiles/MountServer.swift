// SPDX-License-Identifier: Apache-2.0

import SystemPackage

extension Mount {
  /// The process that serves this mount of FUSE; `nil` where there is none, it may not be seen, or the kernel does not
  /// tell.
  ///
  /// The mount itself is not asked: one that does not answer cannot hang the caller.
  public func server() throws(FileError) -> Int32? {
    guard let connection = device.split(separator: ":").last else { return nil }
    for name in try DirectoryListing.names(in: "/proc") {
      guard let process = Int32(String(decoding: name, as: UTF8.self)) else { continue }
      if serves(process, connection) { return process }
    }
    return nil
  }

  /// Processes end while they are looked at, and those of others may be hidden: neither is a failure.
  private func serves(_ process: Int32, _ connection: Substring) -> Bool {
    let directory = FilePath("/proc/\(process)")
    let files = directory.appending("fd")
    for name in (try? DirectoryListing.names(in: files)) ?? [] {
      let name = String(decoding: name, as: UTF8.self)
      guard FileSystemCalls.target(of: files.appending(name)) == "/dev/fuse",
        let facts = try? FileSystemCalls.stream(directory.appending("fdinfo").appending(name))
      else { continue }
      let lines = String(decoding: facts, as: UTF8.self).split(separator: "\n")
      if lines.contains("fuse_connection:\t\(connection)") { return true }
    }
    return false
  }
}
