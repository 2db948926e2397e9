// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Checkpoints

/// Which checkpoints of a history are to be kept.
struct RetentionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep the n that completed last.", valueName: "n"),
    transform: RetentionOptions.count)
  private var keepLast: Int?

  @Option(
    help: ArgumentHelp(
      "Keep the newest of each of the last n hours that have one.", valueName: "n"),
    transform: RetentionOptions.count)
  private var keepHourly: Int?

  @Option(
    help: ArgumentHelp("Keep the newest of each of the last n days.", valueName: "n"),
    transform: RetentionOptions.count)
  private var keepDaily: Int?

  @Option(
    help: ArgumentHelp(
      "Keep the newest of each of the last n weeks (Monday to Sunday).", valueName: "n"),
    transform: RetentionOptions.count)
  private var keepWeekly: Int?

  @Option(
    help: ArgumentHelp("Keep the newest of each of the last n months.", valueName: "n"),
    transform: RetentionOptions.count)
  private var keepMonthly: Int?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Keep those with a tag like this; * and ? stand for any characters and for one.",
      valueName: "pattern"), transform: { try TagPattern($0) })
  private var keepTag: [TagPattern] = []

  @Option(
    help: ArgumentHelp(
      "Keep all that completed within this time before the newest: 90m, 48h, 7d.",
      valueName: "duration"), transform: { try Duration(argument: $0) })
  private var keepWithin: Duration?

  func policy(dropsTagged: Bool = false) -> RetentionPolicy {
    RetentionPolicy(
      last: keepLast ?? 0,
      counts: [
        .hourly: keepHourly ?? 0, .daily: keepDaily ?? 0, .weekly: keepWeekly ?? 0,
        .monthly: keepMonthly ?? 0,
      ], within: keepWithin, tags: keepTag, dropsTagged: dropsTagged)
  }

  private static func count(_ argument: String) throws -> Int {
    guard let count = Int(argument), count >= 0 else {
      throw ValidationError("it is no whole number from 0")
    }
    return count
  }
}
