// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// What this process takes of the machine, as Linux counts it.
public struct ProcessUsage: Sendable {
  /// User and system time of all threads.
  public let processorTime: Duration
  public let openFiles: Int
  public let greatestNumberOfOpenFiles: UInt64
  /// In bytes.
  public let virtualMemory: UInt64
  /// In bytes.
  public let residentMemory: UInt64
  /// Seconds since 1970.
  public let started: Double

  public static func ofThisProcess() throws(FileError) -> ProcessUsage {
    let fields = try statistics()
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    return ProcessUsage(
      processorTime: .seconds((fields[.userTime] + fields[.systemTime]) / ticks),
      // The list is itself a file that is open while it is read.
      openFiles: try DirectoryListing.names(in: "/proc/self/fd").count - 1,
      greatestNumberOfOpenFiles: OpenFileLimit.current,
      virtualMemory: UInt64(fields[.virtualMemory]),
      residentMemory: UInt64(fields[.residentPages]) * UInt64(sysconf(Int32(_SC_PAGESIZE))),
      started: try bootTime() + fields[.startTime] / ticks)
  }

  /// proc(5) numbers the fields of /proc/PID/stat from 1; the name, the second, may have any character in it.
  private struct Statistics {
    enum Field: Int {
      case userTime = 14
      case systemTime = 15
      case startTime = 22
      case virtualMemory = 23
      case residentPages = 24
    }

    let afterName: [Double]

    subscript(field: Field) -> Double { afterName[field.rawValue - 3] }
  }

  private static func statistics() throws(FileError) -> Statistics {
    let path: FilePath = "/proc/self/stat"
    let bytes = try FileSystemCalls.stream(path)
    let end = bytes.lastIndex(of: UInt8(ascii: ")")) ?? bytes.startIndex
    let fields = String(decoding: bytes[end...].dropFirst(), as: UTF8.self).split(separator: " ")
      .map { Double($0) ?? 0 }
    guard fields.count > Statistics.Field.residentPages.rawValue - 3 else {
      throw FileError("read", path, .invalidArgument)
    }
    return Statistics(afterName: fields)
  }

  private static func bootTime() throws(FileError) -> Double {
    let path: FilePath = "/proc/stat"
    let text = String(decoding: try FileSystemCalls.stream(path), as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
      if let time = Double(line.dropFirst("btime ".count)) { return time }
    }
    throw FileError("read", path, .invalidArgument)
  }
}
