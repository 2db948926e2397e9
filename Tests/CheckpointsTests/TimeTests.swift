// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

struct TimeTests {
  @Test(
    "a timestamp is the date and time in UTC",
    arguments: [
      (0, "1970-01-01T000000Z"), (951_782_400, "2000-02-29T000000Z"),
      (1_766_398_500, "2025-12-22T101500Z"), (4_102_444_799, "2099-12-31T235959Z"),
      (-1, "1969-12-31T235959Z"), (1_709_210_096, "2024-02-29T123456Z"),
    ] as [(Int64, String)])
  func civil(_ seconds: Int64, _ text: String) {
    let time = Timestamp(seconds: seconds, nanoseconds: 999_999_999)
    #expect(CivilTime(time).compact == text)
  }

  @Test("a name of by-time tells the checkpoint's number")
  func name() throws {
    let number = try #require(CheckpointNumber(rawValue: 42))
    let name = TimeName(
      completed: Timestamp(seconds: 1_766_398_500, nanoseconds: 0), number: number)
    #expect(name.description == "2025-12-22T101500Z-chk-42")
    #expect(TimeName(name.description)?.number == number)
    #expect(TimeName("2025-12-22T101500Z") == nil)
    #expect(TimeName("2025-12-22T101500Z_chk-42") == nil)
  }

  @Test("seconds and nanoseconds of a time before 1970 add up")
  func negative() {
    let parts = Timestamp(nanoseconds: -1).parts
    #expect(parts.seconds == -1 && parts.nanoseconds == 999_999_999)
  }
}
