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
/// kept would keep the room of a blob that was collected. Where a content lies in another file than the one that is open,
/// since that was found rotten and replaced, reads come to this process until the first is closed.
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

  /// How a file is read by who opens it now.
  enum Reading {
    /// By the kernel.
    case kernel(BackingFile)
    /// Through this process.
    case process
    /// Through this process, past the kernel's memory, while the kernel reads this other file for others.
    case direct(beside: BackingFile)
  }

  private struct Use {
    /// `nil` where it could not be registered.
    let backing: BackingFile?
    let incarnation: Incarnation?
    var opens = 0

    func reading(of file: OpenFile) -> Reading {
      guard let backing else { return .process }
      return incarnation == file.incarnation ? .kernel(backing) : .direct(beside: backing)
    }
  }

  private struct State {
    var registry: BackingFiles?
    /// Why there is no registry.
    var refusal = PassthroughRefusal.option
    var uses: [Key: Use] = [:]
    var said: Set<PassthroughRefusal> = []

    mutating func use(of key: Key, for file: OpenFile) -> (Use, PassthroughRefusal?) {
      if let known = uses[key] { return (known, nil) }
      let (backing, refusal) = register(file)
      return (Use(backing: backing, incarnation: file.incarnation), refusal)
    }

    /// A short call that waits for nobody, so the lock may be held: two who open one inode need one file.
    private mutating func register(_ file: OpenFile) -> (BackingFile?, PassthroughRefusal?) {
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
  func open(_ attributes: NodeAttributes, _ file: OpenFile) -> Reading {
    let key = Key(attributes)
    let (reading, refusal) = state.withLock { state in
      var (use, refusal) = state.use(of: key, for: file)
      use.opens += 1
      state.uses[key] = use
      return (
        use.reading(of: file), refusal.flatMap { state.said.insert($0).inserted ? $0 : nil }
      )
    }
    if let refusal { tell(refusal) }
    return reading
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
