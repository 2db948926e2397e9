// SPDX-License-Identifier: Apache-2.0

/// Where a `_metadata` says that a file of a RocksDB directory is.
package enum WrittenState: Sendable {
  /// At a recorded path.
  case file(String, size: Int64)
  /// In the `_metadata` itself.
  case inline([UInt8])
}

extension MetadataBuilder {
  /// The `_metadata` of an incremental checkpoint of one operator with one subtask, whose RocksDB directory has these files and
  /// an inline CURRENT.
  package static func incremental(
    _ number: Int64, _ files: [(name: String, state: WrittenState)], version: Int32 = 6,
    operatorName: String = "operator", referring: Int64? = nil
  ) -> [UInt8] {
    var builder = MetadataBuilder(version: version, checkpoint: number)
    builder.int(1)
    builder.operatorHeader(version: version, name: operatorName, uid: "uid", parallelism: 1)
    builder.byte(0)
    builder.int(1)
    builder.int(0)
    builder.int(0)
    builder.int(0)
    builder.byte(11)
    builder.long(number)
    builder.text("backend")
    builder.keyGroups(0, 128)
    builder.long(1)
    builder.inline("meta", [1, 2, 3])
    builder.int(Int32(files.count))
    for file in files {
      builder.text(file.name)
      switch file.state {
      case .file(let path, let size): builder.file(path, size: size)
      case .inline(let bytes): builder.inline(file.name, bytes)
      }
    }
    builder.int(1)
    builder.text("CURRENT")
    builder.inline("current", Array("MANIFEST-000001\n".utf8))
    builder.text("handle")
    builder.byte(0)
    builder.int(0)
    builder.int(0)
    if version >= 7 {
      builder.byte(referring == nil ? 0 : 1)
      if let referring { builder.long(referring) }
    }
    builder.finish(version: version)
    return builder.bytes
  }
}
