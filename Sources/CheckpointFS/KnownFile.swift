// SPDX-License-Identifier: Apache-2.0

internal import Checkpoints

/// What the inode of a file stands for, for who opens it again and again.
struct KnownFile {
  let digest: Digest
  let attributes: NodeAttributes
}
