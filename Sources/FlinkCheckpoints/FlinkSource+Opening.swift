// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import FlinkMetadata
import LinuxFiles
import SystemPackage

extension FlinkSource {
  package func open(_ digest: Digest) throws(SourceError) -> OpenFile? {
    switch ContentKey(digest) {
    case .file(let key):
      let index = try current()
      guard let place = index.files.index(of: SharedInode(key)) else { return nil }
      var finder = finder
      let file = index.files.records[place].lookedFor(with: &finder)
      return file.key == key && file.references > 0 ? try open(file, Int32(place), index) : nil
    case .own(let id, let ordinal):
      guard let checkpoint = try current().checkpoint(id),
        let content = try entries(of: id)?.own[ordinal]
      else { return nil }
      return try open(content, of: checkpoint)
    }
  }

  /// The `_metadata` of some checkpoint.
  package func sampleFile() throws(SourceError) -> OpenFile? {
    guard let checkpoint = try current().checkpoints.values.joined().first else { return nil }
    return try open(.wholeMetadata, of: checkpoint)
  }

  /// Where a content is all of a file.
  func wholeFile(_ digest: Digest) throws(SourceError) -> FilePath? {
    guard case .file(let key) = ContentKey(digest) else { return nil }
    let files = try current().files
    guard let place = files.index(of: SharedInode(key)) else { return nil }
    var finder = finder
    let record = files.records[place].lookedFor(with: &finder)
    guard !record.isPart, case .file(let path) = record.place else { return nil }
    return path
  }

  /// Opens a file that checkpoints refer to, and compares it with what they recorded (promise P9).
  private func open(
    _ file: StateFileRecord, _ place: Int32, _ index: FlinkIndex
  ) throws(SourceError) -> OpenFile {
    guard case .file(let path) = file.place else { throw damaged(file, place, index, status: nil) }
    let descriptor: FileDescriptor
    do throws(FileError) {
      descriptor = try FileSystemCalls.open(
        path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
    } catch {
      guard error.errno == .noSuchFileOrDirectory || error.errno == .tooManySymbolicLinkLevels
      else { throw SourceError(.unavailable, error.description, cause: error) }
      throw damaged(file, place, index, status: nil)
    }
    // A merged file may still grow, so that its only segment is not all of it for ever.
    let opened =
      file.isPart
      ? OpenFile(owning: descriptor, offset: Int64(file.start), length: Int64(clamping: file.size))
      : OpenFile(owningWhole: descriptor, length: Int64(clamping: file.size))
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(of: descriptor, at: path)
    } catch {
      throw SourceError(.unavailable, error.description, cause: error)
    }
    guard file.problem(status) == nil else {
      throw damaged(file, place, index, status: status)
    }
    return opened
  }

  private func damaged(
    _ file: StateFileRecord, _ place: Int32, _ index: FlinkIndex, status: FileStatus?
  ) -> SourceError {
    let users = index.checkpoints.values.joined()
      .filter { $0.summary.files.contains(place) }
      .map { $0.found.directory.lastComponent?.string ?? "" }
    let some = users.prefix(3).joined(separator: ", ") + (users.count > 3 ? ", …" : "")
    return SourceError(
      .damaged,
      "the file '\(file.recorded)' cannot be read: \(file.problem(status) ?? "it changed"); \(some) "
        + "\(users.count == 1 ? "needs" : "need") it")
  }

  private func open(
    _ content: FlinkEntries.OwnContent, of checkpoint: FlinkCheckpoint
  ) throws(SourceError) -> OpenFile? {
    let path = checkpoint.found.directory.appending(MetadataFile.name)
    do throws(FileError) {
      switch content {
      case .metadata(let range):
        return OpenFile(
          owning: try openMetadata(path), offset: Int64(range.offset), length: Int64(range.count))
      case .wholeMetadata:
        return OpenFile(
          owning: try openMetadata(path), offset: 0,
          length: Int64(clamping: checkpoint.found.status.size))
      case .description: return try description(of: checkpoint)
      }
    } catch {
      guard error.errno == .noSuchFileOrDirectory else {
        throw SourceError(.unavailable, error.description, cause: error)
      }
      return nil
    }
  }

  private func openMetadata(_ path: FilePath) throws(FileError) -> FileDescriptor {
    try FileSystemCalls.open(path, .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
  }

  private func description(of checkpoint: FlinkCheckpoint) throws(FileError) -> OpenFile? {
    let text: [UInt8]
    do throws(MetadataError) {
      text = try MetadataDescription.text(of: try metadata(of: checkpoint))
    } catch {
      // It was read when the checkpoint was listed, so it went or changed since.
      return nil
    }
    let file = try MemoryFile.holding(text, name: FilePath(MetadataDescription.fileName))
    return OpenFile(owning: file, offset: 0, length: Int64(text.count))
  }
}
