// SPDX-License-Identifier: Apache-2.0

extension MetadataCursor {
  /// Reads the properties, which end the file.
  ///
  /// - Returns: `nil` for none, and for some that are written in an unfamiliar way.
  mutating func properties() throws(MetadataError) -> CheckpointProperties? {
    do throws(JavaStreamError) {
      var stream = try JavaStream(self)
      let value = try stream.value()
      self = stream.cursor
      guard remaining == 0 else {
        throw .metadata(
          malformed("the end of the file", found: "\(remaining) more bytes", at: position))
      }
      return CheckpointProperties(value)
    } catch {
      switch error {
      case .metadata(let error): throw error
      case .unfamiliar: return nil
      }
    }
  }
}

extension CheckpointProperties {
  fileprivate init?(_ value: JavaValue) {
    guard case .object(_, let fields) = value,
      case .object(let kind, let details) = fields["checkpointType"]
    else { return nil }
    if kind.hasSuffix(".SavepointType") {
      self.kind = .savepoint(format: details["formatType"]?.constant)
    } else if kind.hasSuffix(".CheckpointType") {
      self.kind = .checkpoint
    } else {
      return nil
    }
    sharing = details["sharingFilesStrategy"]?.constant
  }
}

extension JavaValue {
  fileprivate var constant: String? {
    if case .enumeration(let constant) = self { constant } else { nil }
  }
}
