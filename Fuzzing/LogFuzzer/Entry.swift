// SPDX-License-Identifier: Apache-2.0
import LogSealing
import RocksDB
import SystemPackage

private let number = FileNumber(rawValue: 12)
// A fuzzer without it has nothing to do.
private let directory = try! LogSealing.scratch("log-fuzzer")
private let log = directory.appending(number.logName)

/// What libFuzzer calls, again and again: reads `bytes` as a write-ahead log and as a blob file, as they are and with right
/// checksums.
///
/// A crash, a hang, a leak or much memory is a find; an error is none.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let content = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  visit(content)
  visit(LogSealing.sealed(content))
  visitBlobFile(content)
  visitBlobFile(LogSealing.sealedBlobFile(content))
  return 0
}

private func visit(_ content: [UInt8]) {
  guard let contents = read(content) else { return }
  check(contents, size: content.count)
  // What is cut at the end of the last whole record holds the same.
  let cut = Array(content.prefix(Int(contents.validLength)))
  guard let again = read(cut) else { fatalError("a log that was cut where it is whole is refused") }
  precondition(again.sequences == contents.sequences && again.batches == contents.batches)
  precondition(again.validLength == contents.validLength && again.gaps == contents.gaps)
}

private func read(_ content: [UInt8]) -> LogContents? {
  do {
    try LogSealing.write(content, to: log)
  } catch {
    fatalError("\(error)")
  }
  do throws(RocksDirectoryError) {
    return try LogContents(reading: log, number: number)
  } catch {
    precondition(!error.description.isEmpty)
    if case .corrupt(_, let offset, _) = error {
      precondition(offset <= content.count, "an error lies within the file")
    }
    return nil
  }
}

private func visitBlobFile(_ content: [UInt8]) {
  do {
    try LogSealing.write(content, to: log)
  } catch {
    fatalError("\(error)")
  }
  do throws(RocksDirectoryError) {
    try BlobFile.verify(log)
  } catch {
    precondition(!error.description.isEmpty)
    if case .corrupt(_, let offset, _) = error {
      precondition(offset <= content.count, "an error lies within the file")
    }
    return
  }
  guard LogSealing.sealedBlobFile(content) == content else {
    fatalError("a blob file is taken for sound whose checksums are not")
  }
}

private func check(_ contents: LogContents, size: Int) {
  precondition(contents.validLength <= contents.size && contents.size == size)
  precondition(contents.sequences.upperBound <= 1 << 56)
  for (gap, next) in zip(contents.gaps, contents.gaps.dropFirst()) {
    precondition(gap.upperBound < next.lowerBound)
  }
  for gap in contents.gaps {
    precondition(!gap.isEmpty && contents.sequences.lowerBound < gap.lowerBound)
    precondition(gap.upperBound < contents.sequences.upperBound)
  }
  var run = SequenceRun()
  run.append(contents)
  run.append(contents)
  precondition(run.sequences == contents.sequences)
}
