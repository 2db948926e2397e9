// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FlinkCheckpoints

/// `--map`, of commands that take `flink:DIR`.
struct MappingOptions: ParsableArguments {
  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "With flink:DIR, files that were recorded below OLD are below NEW; may be repeated.",
      valueName: "old=new"))
  var texts: [String] = []

  var mappings: [PathMapping] { texts.compactMap { PathMapping($0) } }

  /// As another process of this program is told them.
  var arguments: [String] { texts.flatMap { ["--map", $0] } }

  func validate() throws {
    for text in texts where PathMapping(text) == nil {
      throw ValidationError("'--map \(text)': give it as OLD=NEW, with an absolute NEW")
    }
  }
}
