// SPDX-License-Identifier: Apache-2.0

package import LinuxFiles
package import SystemPackage

/// A file beside a catalog that tells how often that was changed: a catalog that was changed less often is an older one, which was put
/// in its place.
///
/// It is written after each change, which is durable by then, and not synced itself: whatever a crash leaves of it is no more than the
/// catalog has counted. Where it is absent, or says nothing, no catalog is known to be older.
package struct ChangeMark: Sendable {
  private let path: FilePath

  package init(at path: FilePath) { self.path = path }

  /// As many as an `Int64` has: the file never changes its size.
  private static let digits = 19

  static func encoded(_ changes: Int64) -> [UInt8] {
    let number = String(max(changes, 0))
    return Array((String(repeating: "0", count: digits - number.count) + number + "\n").utf8)
  }

  /// - Returns: `nil` where there is no such file, or it says nothing.
  package func changes() throws(FileError) -> Int64? {
    guard try FileSystemCalls.exists(path) else { return nil }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystemCalls.contents(of: path, limit: Self.digits + 1)
    } catch {
      // What cannot be read is written over by the next change.
      guard error.concernsFile, !error.concernsCaller else { throw error }
      return nil
    }
    guard let changes = Int64(String(decoding: bytes.dropLast(), as: UTF8.self)),
      Self.encoded(changes) == bytes
    else { return nil }
    return changes
  }

  /// The same, for who must go on whatever becomes of it.
  var changesIfReadable: Int64? { (try? changes()) ?? nil }

  /// Tells of a change, unless a later one was told of meanwhile. One that cannot be told of was made all the same, and the next one
  /// tells of it, too.
  func tell(of change: Int64) {
    if (changesIfReadable ?? 0) < change { write(change) }
  }

  /// Whether there is none yet, or one without content, as a crash may leave it, or one that tells of changes: nobody else's file.
  package func isOwn() throws(FileError) -> Bool {
    guard let status = try FileStatus(ifPresent: path), status.kind == .regular else { return true }
    if status.size == 0 { return true }
    return try changes() != nil
  }

  /// Tells that there were so many.
  package func write(_ changes: Int64) {
    let content = Self.encoded(changes)
    // It is made with the store; in one of before there was such a file it is made now.
    for options: FileDescriptor.OpenOptions in [[], [.create]] {
      do throws(FileError) {
        let file = try FileSystemCalls.open(
          path, .writeOnly, options: options.union([.noFollow, .closeOnExec, .nonBlocking]),
          permissions: .ownerReadWrite)
        defer { try? file.close() }
        try file.write(all: content[...], path: path)
        // Something else was there.
        if try FileStatus(of: file, at: path).size > content.count {
          try? file.resize(to: Int64(content.count))
        }
        return
      } catch {
        guard error.errno == .noSuchFileOrDirectory else { return }
      }
    }
  }
}
