// SPDX-License-Identifier: Apache-2.0

/// The text form of a page.
enum PageText {
  private static let header = Array("ckptfs page 1\n".utf8)
  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")

  static func encode(_ entries: [Entry]) -> [UInt8] {
    var text = header
    text.reserveCapacity(header.count + 120 * entries.count)
    for entry in entries {
      switch entry.kind {
      case .shared(let content): append(content, kind: "shared ", to: &text)
      case .own(let content): append(content, kind: "own ", to: &text)
      case .directory: text += "directory ".utf8
      case .link: preconditionFailure("a page holds what was taken in: files and directories")
      }
      text += entry.path.escaped
      text.append(newline)
    }
    return text
  }

  private static func append(_ content: Content, kind: StaticString, to text: inout [UInt8]) {
    text += kind.description.utf8
    text += content.digest.hexadecimalDigits
    text.append(space)
    text += String(content.size).utf8
    text.append(space)
    text += String(content.modified.nanoseconds).utf8
    text.append(space)
  }

  static func decode(_ text: [UInt8]) throws(InvalidText) -> [Entry] {
    guard text.starts(with: header), text.last == newline else {
      throw InvalidText(line: 1, reason: "it is no page of format 1, or it was cut off")
    }
    var entries: [Entry] = []
    let lines = text[header.count...].dropLast().split(
      separator: newline, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let entry = entry(line) else {
        throw InvalidText(line: index + 2, reason: "it is no entry")
      }
      if let last = entries.last {
        guard last.path < entry.path, last.isShared == entry.isShared else {
          throw InvalidText(line: index + 2, reason: "it is out of order")
        }
      }
      entries.append(entry)
    }
    guard !entries.isEmpty else { throw InvalidText(line: 2, reason: "the page has no entry") }
    return entries
  }

  private static func entry(_ line: ArraySlice<UInt8>) -> Entry? {
    let fields = line.split(separator: space, omittingEmptySubsequences: false)
    guard let kind = fields.first, let path = fields.last.flatMap(EntryPath.init(escaped:)) else {
      return nil
    }
    if fields.count == 2, kind.elementsEqual("directory".utf8) {
      return Entry(path: path, kind: .directory)
    }
    guard fields.count == 5, let content = content(fields[1], fields[2], fields[3]) else {
      return nil
    }
    if kind.elementsEqual("shared".utf8) { return Entry(path: path, kind: .shared(content)) }
    if kind.elementsEqual("own".utf8) { return Entry(path: path, kind: .own(content)) }
    return nil
  }

  private static func content(
    _ digest: ArraySlice<UInt8>, _ size: ArraySlice<UInt8>, _ modified: ArraySlice<UInt8>
  ) -> Content? {
    guard let digest = Digest(hexadecimal: digest),
      let size = UInt64(canonical: size), size <= UInt64(Int64.max),
      let modified = Int64(canonical: modified)
    else { return nil }
    return Content(digest: digest, size: size, modified: Timestamp(nanoseconds: modified))
  }
}

extension FixedWidthInteger {
  /// Reads a decimal number in the one spelling that `String(_:)` gives it.
  init?(canonical digits: some BidirectionalCollection<UInt8>) {
    var value: Self = 0
    var rest = digits[...]
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative { rest.removeFirst() }
    guard let first = rest.first else { return nil }
    // No leading zero, and no "-0".
    if first == UInt8(ascii: "0") && (isNegative || rest.count > 1) { return nil }
    for digit in rest {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let step = Self(digit - UInt8(ascii: "0"))
      let (sum, more) =
        isNegative
        ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      if overflow || more { return nil }
      value = sum
    }
    self = value
  }
}
