// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct NameTests {
  @Test(
    "letters, digits, '.', '_' and '-' make a name",
    arguments: ["orders", "a", "A.b_c-9", "0", "tag", "chk", String(repeating: "x", count: 128)])
  func accepts(_ text: String) throws {
    #expect(try HistoryName(text).rawValue == text)
  }

  @Test(
    "a name that would be a path, hidden, an option or a mount's own is refused with the rule (P10)",
    arguments: [
      ("", InvalidName.Flaw.empty), (".", .leadingPunctuation), ("..", .leadingPunctuation),
      ("-rf", .leadingPunctuation), ("a/b", .forbiddenCharacter), ("a b", .forbiddenCharacter),
      ("a\0", .forbiddenCharacter), ("é", .forbiddenCharacter), ("latest", .reserved),
      ("tags", .reserved), ("by-time", .reserved), ("chk-1", .reserved), ("chk-x", .reserved),
      (String(repeating: "x", count: 129), .tooLong),
    ])
  func refuses(_ text: String, _ flaw: InvalidName.Flaw) {
    let error = #expect(throws: InvalidName.self) { try TagName(text) }
    #expect(error?.flaw == flaw)
  }

  @Test(
    "a checkpoint has one spelling",
    arguments: [
      "chk-", "chk-0", "chk-01", "chk--1", "chk-+1", "CHK-1", "chk-1 ", "1",
      "chk-4611686018427387904", "chk-9223372036854775808",
    ])
  func refusesNumber(_ text: String) {
    #expect(CheckpointNumber(directoryName: text) == nil)
  }

  @Test(
    "a number reads back from its directory's name",
    arguments: [1, 42, CheckpointNumber.greatest.rawValue])
  func roundTrip(_ number: Int64) throws {
    let number = try #require(CheckpointNumber(rawValue: number))
    #expect(CheckpointNumber(directoryName: number.directoryName) == number)
  }

  @Test(
    "a checkpoint is selected as it is written in a mount",
    arguments: [
      "orders/chk-42", "orders/latest", "orders/tags/before-upgrade",
      "orders/by-time/2026-11-22T101500Z-chk-42",
    ])
  func selects(_ text: String) throws {
    #expect(try CheckpointSelector(text).description == text)
  }

  @Test(
    "what names no checkpoint is no selector",
    arguments: [
      "", "orders", "orders/", "/orders/chk-1", "orders/chk-1/", "orders/chk-01", "orders/tags",
      "orders/tags/", "orders/tags/a/b", "orders/by-time/x", "orders/../chk-1", "orders/newest",
    ])
  func selectsNot(_ text: String) {
    #expect(throws: InvalidSelector.self) { try CheckpointSelector(text) }
  }
}
