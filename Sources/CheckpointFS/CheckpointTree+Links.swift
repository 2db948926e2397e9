// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// Links are relative, so that they lead to the same place wherever the mount is seen.
extension CheckpointTree {
  package func target(of inode: Inode) throws(TreeError) -> [UInt8] {
    switch inode {
    case .latest(let id): latestTarget(try latest(of: id))
    case .tag(let id): siblingTarget(try tag(id).number)
    case .time(let id): siblingTarget(try checkpoint(id).number)
    case .entry(let id, let ordinal): try target(of: entry(ordinal, of: id).entry)
    case .root, .history, .tags, .byTime, .checkpoint, .shared, .control:
      throw .notALink
    }
  }

  private func target(of entry: Entry) throws(TreeError) -> [UInt8] {
    guard case .link(let target) = entry.kind else { throw .notALink }
    return target
  }

  func latestTarget(_ record: CheckpointRecord) -> [UInt8] {
    Array(record.number.directoryName.utf8)
  }

  func siblingTarget(_ number: CheckpointNumber) -> [UInt8] {
    Array("../\(number.directoryName)".utf8)
  }
}
