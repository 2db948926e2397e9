// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints
internal import Fuse
internal import Logging
internal import Synchronization
internal import SystemPackage

/// The open files that the kernel reads by itself.
///
/// Who opens an inode first decides how it is read until the last has closed it, since the kernel allows no mixture. A
/// file is registered for no longer than it is open: registering it again costs little beside opening it, and one that is
/// kept would keep the room of a blob that was collected.
final class PassthroughFiles: Sendable {
  private struct Use {
    /// `nil` where it could not be registered.
    let file: BackingFile?
    var opens = 0
  }

  private struct State {
    var registry: BackingFiles?
    /// Why there is no registry.
    var refusal = PassthroughRefusal.option
    var uses: [Inode: Use] = [:]
    var said: Set<PassthroughRefusal> = []

    /// A short call that waits for nobody, so the lock may be held: two who open one inode need one file.
    mutating func register(_ file: OpenFile) -> (BackingFile?, PassthroughRefusal?) {
      guard file.isWhole, let registry else { return (nil, nil) }
      do {
        return (try registry.register(file.descriptor), nil)
      } catch {
        let refusal = PassthroughRefusal(error)
        if refusal.isFinal {
          self.registry = nil
          self.refusal = refusal
        }
        return (nil, refusal)
      }
    }
  }

  private let logger: Logger
  private let state = Mutex(State())

  init(logger: Logger) {
    self.logger = logger
  }

  /// Has files registered from now on.
  ///
  /// - Returns: why that is impossible.
  func begin(_ registry: BackingFiles?) -> PassthroughRefusal? {
    let refusal = Self.refusal(of: registry)
    state.withLock { state in
      if let refusal { state.refusal = refusal } else { state.registry = registry }
    }
    return refusal
  }

  private static func refusal(of registry: BackingFiles?) -> PassthroughRefusal? {
    guard let registry else { return .kernel }
    do {
      try registry.probe()
      return nil
    } catch {
      return PassthroughRefusal(error)
    }
  }

  /// Why this process reads all files; `nil` where the kernel reads some.
  var refusal: PassthroughRefusal? {
    state.withLock { $0.registry == nil ? $0.refusal : nil }
  }

  /// Counts who opens `inode`; ``close(_:)`` must follow.
  ///
  /// - Returns: what the kernel is to read, or `nil` when this process must serve all who have it open.
  func open(_ inode: Inode, _ file: OpenFile) -> BackingFile? {
    let (backing, refusal) = state.withLock { state in
      let known = state.uses[inode]
      let (backing, refusal) = known.map { ($0.file, nil) } ?? state.register(file)
      state.uses[inode, default: Use(file: backing)].opens += 1
      return (backing, refusal.flatMap { state.said.insert($0).inserted ? $0 : nil })
    }
    if let refusal { tell(refusal) }
    return backing
  }

  func close(_ inode: Inode) {
    // What is let go of is released outside the lock.
    let last = state.withLock { state -> Use? in
      guard var use = state.uses[inode] else { return nil }
      use.opens -= 1
      state.uses[inode] = use.opens == 0 ? nil : use
      return use
    }
    withExtendedLifetime(last) {}
  }

  func tell(_ refusal: PassthroughRefusal) {
    logger.notice("files are read through this process: \(refusal)")
  }
}
