// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage

/// The file by which the layer in CFaultLayer is told what is to fail, and tells what did.
struct FaultControl {
  /// `struct fault_control`: nine numbers, and the log.
  private static let size = 8192
  private static let logOffset = 72

  let path: FilePath

  /// Nothing fails yet.
  init(at path: FilePath) throws {
    self.path = path
    let file = try FileSystemCalls.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o644))
    try file.write(all: [UInt8](repeating: 0, count: Self.size)[...], path: path)
    try file.close(reporting: path)
  }

  /// From here on calls are counted from 1 anew, and fail as `fault` says.
  func arm(_ fault: Fault) throws {
    let call = Int64(fault.call)
    try write([
      0, (fault.classes ?? fault.kind.calls).rawValue, Int64(fault.kind.error), call,
      fault.isPersistent ? .max : call, fault.isUnheard ? 1 : 0, 0, 0, 0,
    ])
    try write([1])
  }

  func disarm() throws { try write([0]) }

  /// What puts the layer into a process that is started with it.
  func environment(below root: FilePath) -> [String: String] {
    [
      "LD_PRELOAD": Self.layer, "CKPTFS_FAULTS": path.string, "CKPTFS_FAULTS_BELOW": root.string,
    ]
  }

  private static let layer = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("libCFaultLayer.so").path

  private func write(_ numbers: [Int64]) throws {
    let bytes = numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let file = try FileSystemCalls.open(path, .writeOnly)
    try file.write(all: bytes[...], path: path)
    try file.close(reporting: path)
  }

  /// A call that failed.
  struct Call: CustomStringConvertible {
    let name: String
    let path: String
    var description: String { "\(name) '\(path)'" }
  }

  /// The calls that failed, as far as there was room for them, and `synced` for each directory synced after one.
  func log() throws -> [Call] {
    let bytes = try FileSystemCalls.contents(of: path, limit: Self.size)
    let log = bytes.dropFirst(Self.logOffset).prefix { $0 != 0 }
    return String(decoding: log, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
      return Call(name: parts[0], path: parts.count > 1 ? parts[1] : "")
    }
  }
}
