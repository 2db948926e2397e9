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

/// What `ls` is to list.
enum ListingSubject {
  case history(HistoryName)
  case checkpoint(CheckpointSelector)

  init(argument: String) throws {
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
