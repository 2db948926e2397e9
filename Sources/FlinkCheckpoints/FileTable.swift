// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

/// All files that checkpoints refer to, each once.
struct FileTable {
  /// What a handle says of a file.
  struct Reference: Hashable, Sendable {
    /// `nil` where the path is relative to the checkpoint's directory.
    let directory: FilePath?
    let path: String
    let start: UInt64
    let size: UInt64
    let isPart: Bool
  }

  private(set) var records: [StateFileRecord] = []
  private var indices: [Reference: Int] = [:]
  private var inodes: [SharedInode: Int] = [:]
  private var finder: FileFinder
  private let rootPrefix: String

  init(finder: FileFinder) {
    self.finder = finder
    rootPrefix = finder.root.string + "/"
  }

  func index(of reference: Reference) -> Int? { indices[reference] }
  func index(of inode: SharedInode) -> Int? { inodes[inode] }

  /// The number of files that no checkpoint uses any more.
  var unused: Int { records.reduce(0) { $0 + ($1.references == 0 ? 1 : 0) } }

  mutating func insert(_ reference: Reference) -> Int {
    if let index = indices[reference] { return index }
    let place = find(reference)
    let key = key(of: reference, at: place)
    let index: Int
    if let known = inodes[SharedInode(key)] {
      index = known
    } else {
      index = records.count
      inodes[SharedInode(key)] = index
      records.append(record(reference, key, place))
    }
    indices[reference] = index
    return index
  }

  /// Counts anew which checkpoints use which files.
  mutating func count(_ users: some Sequence<[Int32]>) {
    for index in records.indices { records[index].references = 0 }
    for files in users {
      for index in files { records[Int(index)].references += 1 }
    }
  }

  private mutating func find(_ reference: Reference) -> FileFinder.Place {
    guard let directory = reference.directory else { return finder.find(reference.path) }
    let components = reference.path.split(separator: "/").map(String.init)
    guard !components.isEmpty, !components.contains(".."), reference.path.utf8.first != 0x2F,
      !reference.path.utf8.contains(0)
    else { return .unreachable("its relative path leads out of the checkpoint") }
    return .file(directory.appending(components))
  }

  /// The same for the same bytes, wherever the root was moved to.
  private func key(of reference: Reference, at place: FileFinder.Place) -> Digest {
    var name: String
    switch place {
    case .file(let path):
      let text = path.string
      name = text.hasPrefix(rootPrefix) ? "below \(text.dropFirst(rootPrefix.count))" : "at \(text)"
    case .unreachable: name = "recorded \(reference.path)"
    }
    name += "\u{0}\(reference.start) \(reference.size)"
    var key = Digest(hashing: Array(name.utf8))
    // Two keys that agree in an inode number: unlikely for ever, but then told apart.
    while let known = inodes[SharedInode(key)], records[known].key != key {
      key = Digest(hashing: key.bytes)
    }
    return key
  }

  private func record(
    _ reference: Reference, _ key: Digest, _ place: FileFinder.Place
  ) -> StateFileRecord {
    var status: FileStatus?
    if case .file(let path) = place { status = try? FileStatus(at: path) }
    return StateFileRecord(
      key: key, recorded: reference.path, place: place, start: reference.start,
      size: reference.size, isPart: reference.isPart,
      modified: status.map { Timestamp(nanoseconds: $0.modified) },
      owner: status.map { Ownership(user: $0.user, group: $0.group) })
  }
}
