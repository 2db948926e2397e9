// SPDX-License-Identifier: Apache-2.0

import SystemPackage
import TestSupport
import Testing

@Suite("Completions")
struct CompletionTests {
  /// What bash offers after these words.
  private func offered(_ words: String..., in sample: Sample, store: FilePath?) throws -> [String] {
    let script = """
      PATH=$(dirname "$CKPTFS"):$PATH
      source <(ckptfs --generate-completion-script bash)
      COMP_WORDS=(ckptfs "$@"); COMP_CWORD=$#
      COMP_LINE="ckptfs $*"; COMP_POINT=${#COMP_LINE}
      _ckptfs ckptfs "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let arguments = words.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program.shell("set -- \(arguments)\n\(script)", store: store, in: sample.path)
    #expect(outcome.errors.isEmpty, "\(outcome)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test("A shell offers the histories, checkpoints and tags of the store")
  func names() throws {
    let sample = try Sample()
    try sample.succeed("tag", "orders/chk-1", "gold")
    try sample.succeed("commit", sample.first.string, "--history", "other")
    let store = sample.store
    #expect(
      try Set(offered("show", "orders/", in: sample, store: store))
        == ["orders/latest", "orders/chk-1", "orders/chk-2", "orders/tags/gold"])
    #expect(
      try Set(offered("diff", "orders/latest", "other/c", in: sample, store: store))
        == ["other/chk-1"])
    #expect(try offered("untag", "o", in: sample, store: store) == ["orders/tags/gold"])
    #expect(try Set(offered("rename", "o", in: sample, store: store)) == ["orders", "other"])
    try sample.succeed("begin", "orders", "--shards", "a,b")
    try sample.succeed("begin", "third", "--shards", "a", "--number", "7")
    #expect(
      try Set(offered("abort", "", in: sample, store: store)) == ["orders/chk-3", "third/chk-7"])
    #expect(try offered("ls", "ot", in: sample, store: store).contains("other"))
    #expect(
      try offered("untag", "--store", sample.store.string, "o", in: sample, store: nil)
        == ["orders/tags/gold"])
  }

  @Test("Without a store nothing is offered, and nothing said", arguments: [nil, "/nowhere"])
  func noStore(_ store: String?) throws {
    let sample = try Sample(committing: false)
    #expect(try offered("show", "o", in: sample, store: store.map { FilePath($0) }).isEmpty)
  }
}
