// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
import CheckpointStore
import Checkpoints
import LinuxFiles
import SystemPackage

/// Who looks at a store through a mount, and keeps files open in it.
struct Onlooker {
  private var mount: MountedStore
  private var view: MountView
  /// By actor.
  private var opened: [Int: (file: FileDescriptor, digest: Digest)] = [:]
  /// Let go after the mount, which lies in it.
  private let site: Site

  init(_ site: Site) throws {
    self.site = site
    mount = try MountedStore(site)
    view = MountView(mount.point)
  }

  mutating func perform(_ operation: Operation, by actor: Int, _ model: Model) throws {
    switch operation {
    case .look: try view.check(model)
    case .lookAt(let history, let number): try view.check(history, number, in: model)
    case .list(let history): try view.checkNames(of: history, in: model)
    case .read(let history, let number, let path):
      try view.check(history, number, path, in: model)
    case .open(let history, let number, let path):
      guard let digest = Self.digest(history, number, path, model), opened[actor] == nil else {
        return
      }
      opened[actor] = (try view.open("\(history)/chk-\(number)/\(path)"), digest)
    case .readOpened: try readOpened(actor)
    case .close: close(actor)
    case .damage(let history, let number, let path, let damage):
      try self.damage(history, number, path, damage, model)
    case .remount:
      try end()
      mount = try MountedStore(site)
    default: preconditionFailure("\(operation) is for a store")
    }
  }

  /// The catalog is replaced beneath the mount.
  mutating func expectRebuild() { view.expectInterruption() }

  /// Closes all and takes the mount away.
  mutating func end() throws {
    for actor in opened.keys.sorted() { close(actor) }
    try mount.unmount()
  }

  private mutating func close(_ actor: Int) {
    if let (file, _) = opened.removeValue(forKey: actor) {
      try? file.close()  // nothing was written through it
    }
  }

  /// What is open stays readable, whatever became of its checkpoint.
  private func readOpened(_ actor: Int) throws {
    guard let (file, digest) = opened[actor] else { return }
    var bytes = [UInt8](repeating: 0, count: 1 << 15)
    let count = try describing("reading what is open") {
      try file.fill(&bytes, at: 0, path: "what is open")
    }
    guard Digest(hashing: Array(bytes.prefix(count))) == digest else {
      throw Violation("P4", "what is open has other bytes")
    }
  }

  private static func digest(
    _ history: String, _ number: Int64, _ path: String, _ model: Model
  ) -> Digest? {
    let held = model.histories[history]?[number]?.entries[path] ?? nil
    return held?.digest
  }

  /// Promise P9: who opens a spoilt content is told, and nobody else.
  private func damage(
    _ history: String, _ number: Int64, _ path: String, _ damage: BlobDamage, _ model: Model
  ) throws {
    guard let digest = Self.digest(history, number, path, model) else { return }
    let shown = "\(history)/chk-\(number)/\(path)"
    // It is there before anything happens to it.
    try close(view.open(shown))
    let store = try Store(at: site.store)
    guard let blob = try store.catalog.blob(digest) else {
      throw Violation("P4", "the catalog has lost \(digest)")
    }
    let spoilt = try SpoiltFile(site.path(of: blob.name))
    try spoilt.spoil(damage)
    let result = Result {
      try FileSystemCalls.open(FilePath(text: "\(view.root)/\(shown)"), .readOnly)
    }
    try spoilt.mend(damage)
    switch result {
    case .success(let file):
      try close(file)
      throw Violation("P9", "\(shown), whose content is \(damage.rawValue), was opened")
    case .failure(let error):
      guard (error as? FileError)?.errno == .ioError else {
        throw Violation("P9", "\(shown), whose content is \(damage.rawValue): \(error)")
      }
    }
    try close(view.open(shown))
  }

  private func close(_ file: FileDescriptor) throws { try file.close() }
}
