// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Synchronization

/// What is open, by a small number that the kernel gives back with each read.
///
/// Callable from any number of threads. The lock is held for a look into an array, no longer.
final class OpenNodes: Sendable {
  enum Reading: Sendable {
    /// With what `stat` told when it was opened.
    case file(OpenFile, NodeAttributes)
    /// The same of a file that ``PassthroughFiles`` counts; without a file where the kernel reads it by itself.
    case largeFile(OpenFile?, NodeAttributes)
    case bytes([UInt8])
  }

  private struct Slots {
    var used: [(inode: Inode, reading: Reading)?] = []
    /// Of the elements that are `nil`.
    var free: [Int] = []
  }

  private let slots = Mutex(Slots())

  func insert(_ reading: Reading, of inode: Inode) -> UInt64 {
    slots.withLock { slots in
      guard let index = slots.free.popLast() else {
        slots.used.append((inode, reading))
        return UInt64(slots.used.count - 1)
      }
      slots.used[index] = (inode, reading)
      return UInt64(index)
    }
  }

  subscript(handle: UInt64) -> Reading? {
    slots.withLock { slots in
      guard handle < slots.used.count else { return nil }
      return slots.used[Int(handle)]?.reading
    }
  }

  /// Has all who read `inode` through this process read `file` from now on, which has the same content.
  func replaceFile(of inode: Inode, by file: OpenFile) {
    slots.withLock { slots in
      for index in slots.used.indices where slots.used[index]?.inode == inode {
        switch slots.used[index]?.reading {
        case .file(_, let attributes): slots.used[index]?.reading = .file(file, attributes)
        case .largeFile(.some, let attributes):
          slots.used[index]?.reading = .largeFile(file, attributes)
        case .largeFile(nil, _), .bytes, nil: break
        }
      }
    }
  }

  /// Ends the use of `handle`, which may then be given to another.
  func remove(_ handle: UInt64) -> Reading? {
    slots.withLock { slots in
      guard handle < slots.used.count, let slot = slots.used[Int(handle)] else { return nil }
      slots.used[Int(handle)] = nil
      slots.free.append(Int(handle))
      return slot.reading
    }
  }

  /// The size of what `inode` was frozen to by somebody who has it open.
  ///
  /// The kernel does not say by which handle somebody asks for attributes. That all handles are
  /// looked at is no loss: only control files are asked for, and seldom.
  func frozenSize(of inode: Inode) -> Int? {
    slots.withLock { slots in
      for case (inode, .bytes(let bytes))? in slots.used { return bytes.count }
      return nil
    }
  }

  /// What `inode` was when somebody opened it who still has it open.
  ///
  /// That all handles are looked at is no loss: only what was dropped while open is asked for.
  func attributesWhenOpened(of inode: Inode) -> NodeAttributes? {
    slots.withLock { slots in
      for case (inode, let reading)? in slots.used {
        switch reading {
        case .file(_, let attributes), .largeFile(_, let attributes): return attributes
        case .bytes: continue
        }
      }
      return nil
    }
  }

  /// The shared files that are open.
  var sharedFiles: [Inode] {
    slots.withLock { slots in
      Array(Set(slots.used.compactMap { $0?.inode }.filter(\.isShared)))
    }
  }

  var count: Int { slots.withLock { $0.used.count - $0.free.count } }
}
