// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import SystemPackage

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a store in a directory that is absent or empty.",
    discussion: """
      On an existing store it changes nothing and says so. The store must lie on a local file system; where it is \
      the one of the databases, files come in by reflink or hard link instead of by copy.

      Example: ckptfs init --store /var/lib/ckptfs
      """)

  @OptionGroup var store: StoreOptions

  func run() throws {
    let path = try store.path()
    let creation = try Store.create(at: path)
    try store.format.print(InitReport(store: path.string, created: creation == .created))
  }
}

private struct InitReport: Report {
  let store: String
  let created: Bool

  var deed: String? { created ? "a store was made in '\(store)'" : nil }

  var lines: [String] {
    [created ? "made a store in '\(store)'" : "'\(store)' is a store already; nothing was changed"]
  }
}
