// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport

/// A sample's directories, made anew for a test that may change them.
///
/// Files that the fixtures leave out are there with their size, and read as zeros.
final class SampleTree {
  /// How often a file is referred to, its size, and its path.
  struct File {
    let references: Int64
    let size: Int64
    let path: String
  }

  let sample: Sample
  let files: [File]
  private let scratch: ScratchDirectory

  init(_ sample: Sample) throws {
    self.sample = sample
    scratch = try ScratchDirectory()
    files = try sample.text("tree.txt").split(separator: "\n").map { line in
      let words = line.split(separator: " ", maxSplits: 2)
      return File(
        references: Int64(words[0]) ?? -1, size: Int64(words[1]) ?? -1, path: String(words[2]))
    }
    try copy(sample.path("data"), to: path)
    for file in files { try complete(file) }
  }

  /// What corresponds to the fixture's `data`.
  var path: FilePath { scratch.path.appending("data") }

  private func copy(_ source: FilePath, to target: FilePath) throws {
    try FileSystemCalls.makeDirectory(target)
    for name in try source.names {
      let from = source.appending(name)
      if try from.status.kind == .directory {
        try copy(from, to: target.appending(name))
      } else {
        try target.appending(name).write(from.read())
      }
    }
  }

  private func complete(_ file: File) throws {
    var directory = path
    let components = file.path.split(separator: "/").map(String.init)
    for name in components.dropLast() {
      directory.append(name)
      if try !directory.exists { try FileSystemCalls.makeDirectory(directory) }
    }
    let descriptor = try FileDescriptor.open(
      path.appending(file.path), .writeOnly, options: [.create, .closeOnExec],
      permissions: FilePermissions(rawValue: 0o644))
    try descriptor.closeAfter { try descriptor.resize(to: file.size) }
  }
}
