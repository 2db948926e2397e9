// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport

/// A file, or a directory with all below it, on which calls of a program fail: by the layer of CFaultLayer.
struct FailingFile {
  /// As in that layer's header.
  struct Calls: OptionSet {
    let rawValue: Int64

    static let openToRead = Calls(rawValue: 1)
    static let openToCreate = Calls(rawValue: 4)
    static let name = Calls(rawValue: 8)
    static let read = Calls(rawValue: 32)
    static let write = Calls(rawValue: 64)
    static let look = Calls(rawValue: 256)
  }

  /// What puts the layer into a program that is started with it.
  let environment: [String: String]

  /// - Parameters:
  ///   - scratch: where the layer is told what is to fail.
  ///   - count: how many of the calls fail, the first among them.
  init(
    _ path: FilePath, _ calls: Calls, _ error: Errno, scratch: FilePath, first count: Int64 = .max
  ) throws {
    let control = scratch.appending("faults")
    // Armed; from the first call on, to the last.
    let numbers = [1, calls.rawValue, Int64(error.rawValue), 1, count]
    let bytes = numbers.flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    try control.write(bytes + [UInt8](repeating: 0, count: 8192 - bytes.count))
    environment = [
      "LD_PRELOAD": Tool.products.appending("libCFaultLayer.so").string,
      "CKPTFS_FAULTS": control.string,
      "CKPTFS_FAULTS_BELOW": try FileSystemCalls.resolve(path).string,
    ]
  }
}
