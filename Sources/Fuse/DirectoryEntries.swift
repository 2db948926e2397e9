// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import SystemPackage

/// Packed directory entries in memory of their own.
@safe struct DirectoryEntries: ~Copyable {
  private let memory: UnsafeMutableBufferPointer<CChar>
  private(set) var count = 0

  init(capacity: Int) {
    unsafe memory = .allocate(capacity: capacity)
  }

  var isEmpty: Bool { count == 0 }

  deinit {
    unsafe memory.deallocate()
  }

  /// `pack` is given the space that is left and the name as a C string, and returns the size of the
  /// packed entry. It has written the entry if and only if that size is not more than the space.
  mutating func append(
    _ name: [UInt8],
    pack: (_ space: UnsafeMutableBufferPointer<CChar>, _ name: UnsafePointer<CChar>) -> Int
  ) throws(Errno) -> Bool {
    guard name.count <= Self.maximumNameLength else { throw .fileNameTooLong }
    guard !name.isEmpty, !name.contains(0), !name.contains(UInt8(ascii: "/")) else {
      throw .invalidArgument
    }
    let space = unsafe UnsafeMutableBufferPointer(rebasing: memory[count...])
    let size = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) {
      terminated in
      for index in name.indices {
        unsafe terminated.initializeElement(at: index, to: CChar(bitPattern: name[index]))
      }
      unsafe terminated.initializeElement(at: name.count, to: 0)
      return unsafe pack(space, UnsafePointer(terminated.baseAddress!))
    }
    guard size <= space.count else { return false }
    count += size
    return true
  }

  func withUnsafeBytes<Result>(_ body: (UnsafeBufferPointer<CChar>) -> Result) -> Result {
    unsafe body(UnsafeBufferPointer(rebasing: memory[..<count]))
  }

  /// As much of `stat` as a directory entry holds.
  static func status(of node: NodeID, _ type: FileType) -> stat {
    var status = stat()
    status.st_ino = numericCast(node.rawValue)
    status.st_mode = type.rawValue
    return status
  }

  private static let maximumNameLength = Int(NAME_MAX)
}
