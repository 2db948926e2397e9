// SPDX-License-Identifier: Apache-2.0

/// What the digests of a source's contents are made of.
public enum ContentNaming: Hashable, Sendable {
  /// The bytes: a digest is their SHA-256, and proves them.
  case content
  /// The place where the bytes are, which never holds others: a digest tells contents apart, and says
  /// nothing about their bytes. So a source can show what nobody has read yet.
  case place
}
