// SPDX-License-Identifier: Apache-2.0
import RocksDB
import SystemPackage

/// A checkpoint that needs a log which its MANIFEST tracks.
enum TrackedDatabase {
  /// Flushing one family closes the log while the other family still needs it.
  static func checkpoint(in scratch: ScratchDirectory) throws -> FilePath {
    var options = DatabaseOptions()
    options.trackLogs = true
    options.minimumBlobSize = 1000
    options.writeBufferSize = 64 << 10
    let database = try Database(scratch("db"), columnFamilies: ["quiet"], options: options)
    try database.put(bytes("kept"), bytes("in the log"), in: database.columnFamily("quiet"))
    for index in 0..<400 {
      let value = [UInt8](repeating: 1, count: index % 2 == 0 ? 500 : 1500)
      try database.put(bytes("key-\(index)"), value, log: .synced)
    }
    let checkpoint = scratch("checkpoint")
    try database.createCheckpoint(at: checkpoint, flush: .never)
    return checkpoint
  }
}
