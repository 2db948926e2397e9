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
  /// An inode, and which content it has.
  private struct Key: Hashable {
    let inode: Inode
    let generation: UInt32

    init(_ attributes: NodeAttributes) {
      inode = attributes.inode
      generation = attributes.generation
    }
  }

  private struct Use {
    /// `nil` where it could not be registered.
    let file: BackingFile?
    var opens = 0
  }

  private struct State {
    var registry: BackingFiles?
    /// Why there is no registry.
    var refusal = PassthroughRefusal.option
    var uses: [Key: Use] = [:]
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
  /// - Parameter sample: lies where they do.
  /// - Returns: why that is impossible.
  func begin(_ registry: BackingFiles?, _ sample: OpenFile?) -> PassthroughRefusal? {
    let refusal = Self.refusal(of: registry, sample)
    state.withLock { state in
      if let refusal { state.refusal = refusal } else { state.registry = registry }
    }
    return refusal
  }

  private static func refusal(
    of registry: BackingFiles?, _ sample: OpenFile?
  ) -> PassthroughRefusal? {
    guard let registry else { return .kernel }
    do {
      if let sample { try registry.probe(sample.descriptor) } else { try registry.probe() }
      return nil
    } catch {
      return PassthroughRefusal(error)
    }
  }

  /// Why this process reads all files; `nil` where the kernel reads some.
  var refusal: PassthroughRefusal? {
    state.withLock { $0.registry == nil ? $0.refusal : nil }
  }

  /// Counts who opens a file; ``close(_:)`` must follow.
  ///
  /// - Returns: what the kernel is to read, or `nil` when this process must serve all who have it open.
  func open(_ attributes: NodeAttributes, _ file: OpenFile) -> BackingFile? {
    let key = Key(attributes)
    let (backing, refusal) = state.withLock { state in
      let known = state.uses[key]
      let (backing, refusal) = known.map { ($0.file, nil) } ?? state.register(file)
      state.uses[key, default: Use(file: backing)].opens += 1
      return (backing, refusal.flatMap { state.said.insert($0).inserted ? $0 : nil })
    }
    if let refusal { tell(refusal) }
    return backing
  }

  func close(_ attributes: NodeAttributes) {
    let key = Key(attributes)
    // What is let go of is released outside the lock.
    let last = state.withLock { state -> Use? in
      guard var use = state.uses[key] else { return nil }
      use.opens -= 1
      state.uses[key] = use.opens == 0 ? nil : use
      return use
    }
    withExtendedLifetime(last) {}
  }

  func tell(_ refusal: PassthroughRefusal) {
    logger.notice("files are read through this process: \(refusal)")
  }
}
