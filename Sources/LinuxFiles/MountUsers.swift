// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// A process that keeps a mount busy.
public struct MountUser: Hashable, Sendable, CustomStringConvertible {
  public let processID: Int32
  public let name: String

  public var description: String { "\(name) (\(processID))" }
}

extension Mount {
  /// The processes that have a file or directory of this mount open or mapped, as far as this user may see.
  ///
  /// Nothing of the mount itself is looked at, so that one that does not answer cannot hang the caller.
  public func users(limit: Int) throws(FileError) -> [MountUser] {
    let processes = try DirectoryListing.names(in: "/proc").compactMap { name in
      Int32(String(decoding: name, as: UTF8.self))
    }.filter { $0 != getpid() }
    let open = processes.lazy.filter(hasOpen).prefix(limit).map(MountUser.init(processID:))
    if !open.isEmpty { return Array(open) }
    // A mapping outlives its descriptor. It is looked for last: a big process has thousands.
    return Array(processes.lazy.filter(hasMapped).prefix(limit).map(MountUser.init(processID:)))
  }

  /// Processes end while they are looked at, and those of others may be hidden: neither is a failure.
  private func hasOpen(_ process: Int32) -> Bool {
    let directory = FilePath("/proc/\(process)")
    let files = directory.appending("fd")
    return leadsHere(directory.appending("cwd")) || leadsHere(directory.appending("root"))
      || ((try? DirectoryListing.names(in: files)) ?? []).contains { name in
        leadsHere(files.appending(String(decoding: name, as: UTF8.self)))
      }
  }

  private func leadsHere(_ link: FilePath) -> Bool {
    guard let target = FileSystemCalls.target(of: link) else { return false }
    return target.starts(with: point)
  }

  private func hasMapped(_ process: Int32) -> Bool {
    guard let maps = try? FileSystemCalls.stream(FilePath("/proc/\(process)/maps")) else {
      return false
    }
    // Unsafe only as a C call: both arguments end with NUL and live for its duration.
    return unsafe strstr((maps + [0]).map(CChar.init(bitPattern:)), " \(point)/") != nil
  }
}

extension MountUser {
  fileprivate init(processID: Int32) {
    let bytes = (try? FileSystemCalls.stream(FilePath("/proc/\(processID)/comm"))) ?? []
    self.processID = processID
    name = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
