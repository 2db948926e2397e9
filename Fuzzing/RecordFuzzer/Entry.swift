// SPDX-License-Identifier: Apache-2.0
import Checkpoints

/// What libFuzzer calls, again and again: reads `bytes` as each of the records that lie beside a store's catalog, as
/// they are and with the right checksum, as a store's marker, and as what people and other programs write: names, paths, selectors.
///
/// A crash, a hang, a leak or much memory is a find, and so is a record that is understood and would be written
/// otherwise: what one digest names must have one meaning, and what has one meaning one digest.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let content = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  visitPage(content)
  visitManifests(content)
  visitManifests(sealed(content))
  visitMarker(content)
  visitNames(content)
  return 0
}

private func visitPage(_ content: [UInt8]) {
  do throws(InvalidText) {
    let page = try Page(decoding: content)
    precondition(Page(entries: page.entries).encoded == content, "a page has one spelling")
    precondition(page.bytes >= 0 && page.first == page.entries[0].path)
    for (entry, next) in zip(page.entries, page.entries.dropFirst()) {
      precondition(entry.path < next.path && entry.isShared == next.isShared)
    }
    for entry in page.entries { check(entry.path) }
    precondition(page.references.values.allSatisfy { $0 > 0 })
  } catch {
    check(error)
  }
}

private func visitManifests(_ content: [UInt8]) {
  read(content) { (bytes) throws(InvalidText) in try Manifest(decoding: bytes).encoded }
  read(content) { (bytes) throws(InvalidText) in try HistoryManifest(decoding: bytes).encoded }
  read(content) { (bytes) throws(InvalidText) in try TagManifest(decoding: bytes).encoded }
  read(content) { (bytes) throws(InvalidText) in try RebuiltIDs(decoding: bytes).encoded }
}

private func visitMarker(_ content: [UInt8]) {
  guard let marker = try? StoreMarker(decoding: content) else { return }
  precondition((try? StoreMarker(decoding: marker.encoded)) == marker)
}

private func read(_ content: [UInt8], _ body: ([UInt8]) throws(InvalidText) -> [UInt8]) {
  do throws(InvalidText) {
    let encoded = try body(content)
    precondition(encoded == content, "a record has one spelling")
  } catch {
    check(error)
  }
}

private func check(_ error: InvalidText) {
  precondition(error.line >= 1 && !error.description.isEmpty)
}

/// `content` with a last line that says its checksum: else nothing would be read but that.
private func sealed(_ content: [UInt8]) -> [UInt8] {
  let seal = Array("sha256 ".utf8)
  var body = content
  // A record of the corpus has one already.
  if let last = content.dropLast().lastIndex(of: UInt8(ascii: "\n")),
    content[(last + 1)...].starts(with: seal)
  {
    body = Array(content[...last])
  }
  return body + seal + Array("\(Digest(hashing: body))\n".utf8)
}

private func visitNames(_ content: [UInt8]) {
  if let path = try? EntryPath(bytes: content) { check(path) }
  let text = String(decoding: content.prefix(512), as: UTF8.self)
  if let name = try? HistoryName(text) {
    precondition(!name.rawValue.contains("/") && name.rawValue.utf8.count <= 128)
  }
  if let selector = try? CheckpointSelector(text) {
    precondition((try? CheckpointSelector("\(selector)")) == selector)
  }
  if let number = CheckpointNumber(directoryName: text) {
    precondition(number.directoryName == text)
  }
  if let name = BlobName(text) { precondition("\(name)" == text) }
  if let name = TimeName(text) { precondition("\(name)" == text) }
  if let pattern = try? TagPattern(text), let tag = try? TagName("before-upgrade") {
    _ = pattern.matches(tag)
  }
  precondition(text.printable.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
}

private func check(_ path: EntryPath) {
  let components = path.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  precondition(
    components.allSatisfy {
      !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) && !$0.contains(0)
    }, "a path lies in its checkpoint")
  precondition(path.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
}
