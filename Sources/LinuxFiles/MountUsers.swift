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
    var users: [MountUser] = []
    for name in try DirectoryListing.names(in: "/proc") {
      guard users.count < limit else { break }
      guard let process = Int32(String(decoding: name, as: UTF8.self)), process != getpid() else {
        continue
      }
      if isUsed(by: process) {
        users.append(MountUser(processID: process, name: Self.name(of: process)))
      }
    }
    return users
  }

  /// Processes end while they are looked at, and those of others may be hidden: neither is a failure.
  private func isUsed(by process: Int32) -> Bool {
    let directory = FilePath("/proc/\(process)")
    let links = ["cwd", "root"].map { directory.appending($0) }
    if links.contains(where: leadsHere) { return true }
    let files = directory.appending("fd")
    let descriptors = (try? DirectoryListing.names(in: files)) ?? []
    let isOpen = descriptors.contains { name in
      leadsHere(files.appending(String(decoding: name, as: UTF8.self)))
    }
    return isOpen || isMapped(by: directory)
  }

  private func leadsHere(_ link: FilePath) -> Bool {
    guard let target = FileSystemCalls.target(of: link) else { return false }
    return target.starts(with: point)
  }

  private func isMapped(by process: FilePath) -> Bool {
    guard let maps = try? FileSystemCalls.stream(process.appending("maps")) else { return false }
    // ADDRESSES MODE OFFSET MAJOR:MINOR INODE PATH, the device in hexadecimal.
    return String(decoding: maps, as: UTF8.self).split(separator: "\n").contains { line in
      line.split(separator: " ", maxSplits: 5).dropFirst(5).first.map { path in
        FilePath(String(path.drop { $0 == " " })).starts(with: point)
      } ?? false
    }
  }

  private static func name(of process: Int32) -> String {
    let bytes = (try? FileSystemCalls.stream(FilePath("/proc/\(process)/comm"))) ?? []
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }
}
