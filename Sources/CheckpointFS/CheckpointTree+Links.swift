// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// Links are relative, so that they lead to the same place wherever the mount is seen.
extension CheckpointTree {
  package func target(of inode: Inode) throws(TreeError) -> [UInt8] {
    switch inode {
    case .latest(let id): latestTarget(try latest(of: id))
    case .tag(let id): siblingTarget(try tag(id).number)
    case .time(let id): siblingTarget(try checkpoint(id).number)
    case .root, .history, .tags, .byTime, .checkpoint, .entry, .shared, .control:
      throw .notALink
    }
  }

  func latestTarget(_ record: CheckpointRecord) -> [UInt8] {
    Array(record.number.directoryName.utf8)
  }

  func siblingTarget(_ number: CheckpointNumber) -> [UInt8] {
    Array("../\(number.directoryName)".utf8)
  }
}
