// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CheckpointStore
import Checkpoints
import SystemPackage

extension FilePath {
  /// A path as the user gives it.
  init(argument: String) throws {
    guard !argument.isEmpty else { throw ValidationError("a path cannot be empty") }
    self.init(argument)
  }
}

/// A tag as the user gives it: `orders/tags/before-upgrade`.
struct TagPath {
  let history: HistoryName
  let name: TagName

  init(argument: String) throws {
    guard let selector = try? CheckpointSelector(argument), case .tag(let name) = selector.point
    else { throw ValidationError("it names no tag: write HISTORY/tags/NAME") }
    history = selector.history
    self.name = name
  }
}

/// A checkpoint of a store, or of Flink's.
enum CheckpointArgument {
  case store(CheckpointSelector)
  /// As it was given, for ``FlinkSelection``.
  case flink(String)

  init(argument: String) throws {
    self =
      argument.hasPrefix(SourceArgument.flinkPrefix)
      ? .flink(argument) : .store(try CheckpointSelector(argument))
  }
}

/// What `ls` is to list.
enum ListingSubject {
  case history(HistoryName)
  case checkpoint(CheckpointSelector)
  /// As it was given, for ``FlinkSelection``.
  case flink(String)

  init(argument: String) throws {
    if argument.hasPrefix(SourceArgument.flinkPrefix) {
      self = .flink(argument)
      return
    }
    let text = argument.last == "/" ? String(argument.dropLast()) : argument
    self =
      try text.contains("/") ? .checkpoint(CheckpointSelector(text)) : .history(HistoryName(text))
  }
}

extension CheckpointNumber {
  /// The number of a checkpoint as the user gives it: `42`.
  init(argument: String) throws {
    guard let number = Int64(argument).flatMap(Self.init(rawValue:)) else {
      throw ValidationError(
        "it is no whole number from 1 to \(CheckpointNumber.greatest.rawValue)")
    }
    self = number
  }
}

extension IngestPolicy {
  init(argument: String) throws {
    guard let policy = Self(rawValue: argument) else {
      throw ValidationError("there are auto, reflink, link and copy")
    }
    self = policy
  }
}

extension RestoreMode {
  init(argument: String) throws {
    guard let mode = Self(rawValue: argument) else {
      throw ValidationError("there are auto, reflink, link and copy")
    }
    self = mode
  }
}

extension Duration {
  /// A time as the user gives it: `30s`, `10m`, `2h`, `7d`.
  init(argument: String) throws {
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = argument.last.flatMap({ units[$0] }), argument.count > 1,
      argument.dropLast().allSatisfy({ ("0"..."9").contains($0) })
    else { throw ValidationError("write a number and a unit: 30s, 10m, 2h or 7d") }
    guard let count = Int64(argument.dropLast()), count <= 1_000_000 else {
      throw ValidationError("the greatest number is 1000000, as in 1000000d")
    }
    self = .seconds(count * unit)
  }
}
