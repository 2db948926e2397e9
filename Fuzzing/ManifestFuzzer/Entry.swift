// SPDX-License-Identifier: Apache-2.0
import LogSealing
import RocksDB
import SystemPackage

private let number = FileNumber(rawValue: 5)
// A fuzzer without it has nothing to do.
private let directory = try! LogSealing.scratch("manifest-fuzzer")
private let manifest = directory.appending(number.manifestName)

/// What libFuzzer calls, again and again: reads `bytes` as a MANIFEST, as they are and with right checksums, as an
/// OPTIONS file and as CURRENT.
///
/// A crash, a hang, a leak or much memory is a find; an error is none.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let content = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  visit(content)
  visit(LogSealing.sealed(content))
  visitSettings(DatabaseSettings(content))
  visitCurrent(content)
  return 0
}

private func visitSettings(_ settings: DatabaseSettings) {
  _ = settings.isOn("allow_2pc")
  _ = settings["wal_dir"]
  _ = settings.version
  precondition(settings.foreignTableFormat != "BlockBasedTable")
  for family in ["default", "", "a]b"] {
    precondition(settings.mergeOperator(of: family) != "nullptr")
  }
}

private func visitCurrent(_ content: [UInt8]) {
  do {
    try LogSealing.write(content, to: directory.appending(CurrentFile.name))
  } catch {
    fatalError("\(error)")
  }
  do throws(RocksDirectoryError) {
    let current = try CurrentFile(in: directory)
    precondition(Array("\(current.manifestName)\n".utf8) == content, "CURRENT has one spelling")
  } catch {
    precondition(!error.description.isEmpty)
  }
}

private func visit(_ content: [UInt8]) {
  guard let found = read(content) else { return }
  precondition(found.manifestValidLength <= found.manifestSize)
  precondition(Int(found.manifestSize) == content.count)
  for (table, next) in zip(found.tables, found.tables.dropFirst()) {
    precondition(table.number <= next.number)
  }
  precondition(found.missingFiles { _ in nil }.count >= found.tables.count)
  // What is read in two goes is what is read in one.
  var replay = ManifestReplay(number, in: directory)
  if read(Array(content.prefix(content.count / 2)), &replay) != nil {
    precondition(read(content, &replay) == found)
  }
  // What is cut at the end of the last whole record says the same.
  let cut = Array(content.prefix(Int(found.manifestValidLength)))
  guard let again = read(cut) else {
    fatalError("a MANIFEST that was cut where it is whole is refused")
  }
  precondition(!again.tailIsTruncated && again.tables == found.tables && again.logs == found.logs)
  precondition(again.columnFamilies == found.columnFamilies && again.blobs == found.blobs)
  precondition(again.lastSequence == found.lastSequence)
}

private func read(_ content: [UInt8]) -> DatabaseDescription? {
  var replay = ManifestReplay(number, in: directory)
  return read(content, &replay)
}

private func read(_ content: [UInt8], _ replay: inout ManifestReplay) -> DatabaseDescription? {
  do {
    try LogSealing.write(content, to: manifest)
  } catch {
    fatalError("\(error)")
  }
  do throws(RocksDirectoryError) {
    return try replay.advance()
  } catch {
    precondition(!error.description.isEmpty)
    if case .corrupt(_, let offset, _) = error {
      precondition(offset <= content.count, "an error lies within the file")
    }
    return nil
  }
}
