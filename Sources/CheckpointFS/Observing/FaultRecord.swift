// SPDX-License-Identifier: Apache-2.0

package import Checkpoints

/// How often requests failed for what is wrong with a source, and how they did last.
package struct FaultRecord: Sendable {
  package private(set) var damaged: UInt64 = 0
  package private(set) var unavailable: UInt64 = 0
  package private(set) var last: (time: Timestamp, message: String)?

  package var total: UInt64 { damaged + unavailable }

  mutating func add(_ error: SourceError, at time: Timestamp) {
    switch error.code {
    case .damaged: damaged += 1
    case .unavailable: unavailable += 1
    }
    last = (time, error.message)
  }
}
