// SPDX-License-Identifier: Apache-2.0

import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// Lets calls of a mounted process on files of its store fail, each in turn, while somebody lists and reads; one content
/// is spoilt meanwhile, which must be told of each time.
package struct FailingUnderMount: Sendable {
  private let kind: FaultKind
  private let isPersistent: Bool
  private let passthrough: Bool
  private let steps: String

  /// - Parameter steps: more for the mount's `CKPTFS_STEPS`, such as a step to leave out.
  package init(
    _ kind: FaultKind, isPersistent: Bool = false, passthrough: Bool, steps: String = ""
  ) {
    self.kind = kind
    self.isPersistent = isPersistent
    self.passthrough = passthrough
    self.steps = steps
  }

  /// What a number of rounds came to.
  package struct Count: Sendable {
    package var rounds = 0
    /// Rounds in which a call failed, and in which somebody was told so.
    package var failed = 0
    package var refused = 0
  }

  /// What may be told of a call that failed; never that something is not there.
  private static let answers: Set<Errno> = [
    .ioError, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noSpace, .noMemory,
  ]

  /// - Throws: ``Violation``.
  @discardableResult
  package func run(calls: StrideTo<Int>) throws -> Count {
    try describing("under a mount, \(kind.rawValue)\(isPersistent ? " from then on" : "")") {
      let site = try Site()
      try Scene.named("commit").prepare(site)
      let control = try FaultControl(at: site.root.appending("faults"))
      let mount = try MountedStore(
        site, options: "passthrough=\(passthrough ? "auto" : "off")", control, steps: steps)
      var view = MountView(mount.point)
      var model = Scene.named("commit").before
      try view.check(model)
      var performer = try Performer(site: site.root, work: site.work(of: "other"))
      let spoilt = SyntheticFile("", 4, isShared: true).digest
      guard let blob = try performer.opened().catalog.blob(spoilt) else {
        throw Violation("P4", "the catalog has lost \(spoilt)")
      }
      let file = try SpoiltFile(site.path(of: blob.name))
      var count = Count()
      for call in calls {
        try describing("call \(call)") {
          try control.arm(Fault(kind, at: call, isPersistent: isPersistent))
          // A change has the process look at the catalog, and the kernel forget what it knows.
          let change = Operation.tag(history: "a", number: 1, name: "round-\(call)")
          _ = try performer.perform(change)
          model.apply(change)
          try file.spoil(.longer)
          let refusals = try read(model, at: mount.point, spoilt)
          try control.disarm()
          try file.mend(.longer)
          count.rounds += 1
          if try !control.log().isEmpty { count.failed += 1 }
          if refusals > 2 { count.refused += 1 }
          // What could not be read is asked for again after a moment.
          view.expectInterruption()
          try describing("afterwards") { try view.check(model) }
        }
      }
      try mount.unmount()
      return count
    }
  }

  /// Lists and reads all checkpoints: each answer is right, or an error that says what happened, as of the spoilt content
  /// it must be.
  ///
  /// - Returns: how many errors there were.
  private func read(_ model: Model, at point: FilePath, _ spoilt: Digest) throws -> Int {
    var refusals = 0
    func ask<Answer: Equatable>(
      _ path: FilePath, _ expected: Answer, _ body: (FilePath) throws -> Answer
    ) throws {
      do {
        guard try body(path) == expected else {
          throw Violation("P9", "\(path) is shown otherwise")
        }
      } catch let error as FileError {
        guard Self.answers.contains(error.errno) else { throw Violation("P9", "\(error)") }
        refusals += 1
      }
    }
    for (history, checkpoints) in model.histories {
      for (number, checkpoint) in checkpoints {
        let directory = point.appending("\(history)/chk-\(number)")
        let names = Set(checkpoint.entries.keys.map { String($0.prefix { $0 != "/" }) })
        try ask(directory, names) { path in
          Set(try DirectoryListing.names(in: path).map { String(decoding: $0, as: UTF8.self) })
        }
        for (entry, held) in checkpoint.entries {
          guard let held else { continue }
          let expected = held.digest == spoilt ? nil : held.digest
          try ask(directory.appending(entry), expected) { path in
            Digest(hashing: try FileSystemCalls.contents(of: path, limit: 1 << 20))
          }
        }
      }
    }
    return refusals
  }
}
