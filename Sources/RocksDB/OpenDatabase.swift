// SPDX-License-Identifier: Apache-2.0
import CRocksDB

/// Owns the `rocksdb_t`, which must outlive every column family handle.
///
/// `@unchecked Sendable`: the pointer never changes, and a `rocksdb_t` is safe to use from any thread.
@safe
final class OpenDatabase: @unchecked Sendable {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer) { unsafe self.handle = unsafe handle }

  deinit { unsafe rocksdb_close(handle) }
}
