// SPDX-License-Identifier: Apache-2.0

public import SystemPackage

/// A mount as `/proc/self/mountinfo` tells it.
public struct Mount: Hashable, Sendable {
  /// Unlike a path, never that of another mount while this one is there.
  public let id: Int
  /// As `/proc/…/fdinfo` and `stat` have it: major and minor number.
  public let device: String
  public let point: FilePath
  /// `ext4`, `fuse.ckptfs`.
  public let type: String
  /// The device, or what stands for it.
  public let source: String

  /// - Returns: `nil` when the line is none of mountinfo.
  init?(line: Substring) {
    // proc(5): ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAG…] - TYPE SOURCE OPTIONS
    let fields = line.split(separator: " ", omittingEmptySubsequences: false)
    guard fields.count >= 10, let id = Int(fields[0]), let mark = fields.firstIndex(of: "-"),
      mark >= 6, mark + 2 < fields.count
    else { return nil }
    self.id = id
    device = String(fields[2])
    point = FilePath(Self.unescaped(fields[4]))
    type = String(fields[mark + 1])
    source = Self.unescaped(fields[mark + 2])
  }

  /// The kernel writes space, tab, newline and backslash as three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Substring(field).utf8
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(Substring(digits)), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What is mounted, as this process sees it.
public enum MountTable {
  public static func mounts() throws(FileError) -> [Mount] {
    let bytes = try FileSystemCalls.stream("/proc/self/mountinfo")
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
      Mount(line: $0)
    }
  }

  /// The uppermost mount at exactly `point`, an absolute path without links.
  public static func mount(at point: FilePath) throws(FileError) -> Mount? {
    try mounts().last { $0.point == point }
  }
}
