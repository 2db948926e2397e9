// SPDX-License-Identifier: Apache-2.0

/// Why a Java serialization stream cannot be read.
enum JavaStreamError: Error {
  case metadata(MetadataError)
  /// It is allowed, but nothing that Flink is known to write.
  case unfamiliar
}
