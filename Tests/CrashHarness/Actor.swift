// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Foundation
import SystemPackage

/// The process that is killed: does a list of operations and tells of each before and after.
///
/// It writes `begin K`, then `done K NUMBER` once operation K was acknowledged, or `failed K CODE MESSAGE`.
package enum Actor {
  /// - Parameter arguments: the site's directory, the working directory, the file with the operations.
  /// - Returns: the exit status.
  package static func run(_ arguments: [String]) -> Int32 {
    var current = 0
    do {
      var performer = try Performer(
        site: FilePath(arguments[1]), work: FilePath(arguments[2]))
      let list = try Data(contentsOf: URL(fileURLWithPath: arguments[3]))
      for (index, operation) in try JSONDecoder().decode([Operation].self, from: list).enumerated()
      {
        current = index
        Console.say("begin \(index)")
        let number = try performer.perform(operation)
        Console.say("done \(index) \(number ?? 0)")
      }
      return 0
    } catch {
      let code = (error as? StoreError).map { "\($0.code)" } ?? "other"
      Console.say("failed \(current) \(code) \(error)")
      return 1
    }
  }
}
