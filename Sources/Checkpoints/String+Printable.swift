// SPDX-License-Identifier: Apache-2.0

extension String {
  /// The text with every character that a terminal would obey or not show written as `%XX`, byte by byte: ends of
  /// lines, escapes, marks of direction, blanks other than the usual one.
  package var printable: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isPrintable {
        text.unicodeScalars.append(scalar)
      } else {
        for byte in String(scalar).utf8 { text += byte.percentEncoded }
      }
    }
    return text
  }

  /// A name within quotes or beside others: as ``printable``, with `%` and blanks at either end as `%XX`, too, and bytes
  /// that are not UTF-8. No two names look the same.
  package init(printableName bytes: some Collection<UInt8>) {
    var text = ""
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      guard let scalar = Unicode.Scalar(takingFirstOf: &rest) else {
        text += rest.removeFirst().percentEncoded
        continue
      }
      let isAtEnd = text.isEmpty || rest.isEmpty
      if scalar.isPrintable, scalar != "%", !(scalar == " " && isAtEnd) {
        text.unicodeScalars.append(scalar)
      } else {
        for byte in String(scalar).utf8 { text += byte.percentEncoded }
      }
    }
    self = text
  }
}

extension UInt8 {
  /// `%0a`
  fileprivate var percentEncoded: String {
    let digits = String(self, radix: 16)
    return (digits.utf8.count == 1 ? "%0" : "%") + digits
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      false
    case .spaceSeparator: self == " "
    default: true
    }
  }

  /// Takes the first character off, if the bytes begin with one.
  fileprivate init?(takingFirstOf bytes: inout ArraySlice<UInt8>) {
    for length in 1...4 where length <= bytes.count {
      guard let text = String(validating: bytes.prefix(length), as: UTF8.self),
        let scalar = text.unicodeScalars.first
      else { continue }
      bytes.removeFirst(length)
      self = scalar
      return
    }
    return nil
  }
}
