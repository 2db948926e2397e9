// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import Dispatch
import Glibc
import LinuxFiles
import RocksDB
import Synchronization
import SystemPackage

extension DatabaseVerification {
  private struct DataFile: Sendable {
    let name: String
    let content: Content
    let location: FilePath
    let isTable: Bool
  }

  /// Compares the checksums of all tables and blob files.
  func verifyFiles(
    _ description: DatabaseDescription, _ settings: DatabaseSettings,
    _ result: inout VerificationReport.Database
  ) {
    let opening = DatabaseOpening(
      directory: directory, description: description, settings: settings)
    let isKnownFormat = settings.foreignTableFormat == nil
    let dataFiles = dataFiles(description)
    let verdicts = Mutex<[Int: LinkedRocksDB.Verdict]>([:])
    DispatchQueue.concurrentPerform(iterations: dataFiles.count) { index in
      let file = dataFiles[index]
      let verdict = verification.verdict(on: file.content) {
        file.isTable ? LinkedRocksDB.verifyTable(file.location) : Self.verifyBlobFile(file.location)
      }
      verdicts.withLock { $0[index] = verdict }
      counter.add(Int(clamping: file.content.size))
    }
    let found = verdicts.withLock(\.self)
    for (index, file) in dataFiles.enumerated() {
      result.tables += file.isTable ? 1 : 0
      result.blobFiles += file.isTable ? 0 : 1
      result.bytes += Int64(clamping: file.content.size)
      // Of a file that is cut off, or known to be bad, what is read says nothing more: its footer may be any bytes.
      if result.damage.contains(where: { $0.file == place(file.name) }) { continue }
      switch found[index] {
      case .sound, nil: break
      case .corrupt(let message) where opening.isOfLaterVersion && Self.mayBeLater(message):
        result.notVerified.append("\(place(file.name)): \(opening.laterVersion(message))")
      case .corrupt(let message) where isKnownFormat:
        append(damage(file.name, Self.withoutPaths(message, file.location)), &result)
      case .corrupt(let message), .unsupported(let message):
        result.notVerified.append(
          "\(place(file.name)): "
            + (opening.isOfLaterVersion ? opening.laterVersion(message) : message))
      case .unreadable(let message) where Self.isOfDisk(message):
        append(damage(file.name, "cannot be read: \(message)"), &result)
      case .unreadable(let message):
        result.notVerified.append("\(place(file.name)): cannot be read: \(message)")
      }
    }
  }

  private func dataFiles(_ description: DatabaseDescription) -> [DataFile] {
    let wanted =
      description.tables.map {
        (name: files[$0.name] == nil ? $0.number.legacyTableName : $0.name, isTable: true)
      } + description.blobs.map { (name: $0.name, isTable: false) }
    return wanted.compactMap { name, isTable in
      guard let (path, content) = files[name], let location = view.locations[path]
      else { return nil }
      // What is read is the blob's own file: readers of metadata follow no links. They tell what is wrong with it.
      let file = (try? FileSystemCalls.resolve(location)) ?? location
      return DataFile(name: name, content: content, location: file, isTable: isTable)
    }
  }

  /// Whether it is the disk that does not give a file's bytes back, and not this process that cannot read them.
  private static func isOfDisk(_ message: String) -> Bool {
    [EIO, EUCLEAN, EBADMSG].contains { message.hasSuffix("\(Errno(rawValue: $0))") }
  }

  private static func verifyBlobFile(_ path: FilePath) -> LinkedRocksDB.Verdict {
    do throws(RocksDirectoryError) {
      try BlobFile.verify(path)
      return .sound
    } catch {
      switch error {
      case .corrupt(_, let offset, let reason): return .corrupt("at byte \(offset): \(reason)")
      case .unsupported(_, _, let reason): return .unsupported(reason)
      case .notADatabase, .io: return .unreadable("\(error)")
      }
    }
  }

  /// The greatest numbers in a table's footer that are taken for a later version's, by what RocksDB calls them. Nothing but the
  /// number itself tells such a version from damage: no checksum covers a footer before format 6. RocksDB raises them by one in some
  /// years (its formats have come to 7, its checksums to 4), so one that is further off than that is a byte that has changed.
  private static let believable = ["format_version": 9, "checksum type": 6]

  /// What RocksDB calls corruption, and what a version may be that is later than it.
  private static func mayBeLater(_ message: String) -> Bool {
    for (name, greatest) in believable {
      guard let found = message.ranges(of: "\(name): ").first,
        let number = Int(message[found.upperBound...].prefix(while: \.isNumber))
      else { continue }
      return number <= greatest
    }
    return [
      "newer version", "Unknown Footer version", "nknown checksum type", "not supported",
      "unsupported",
    ]
    .contains { message.contains($0) }
  }

  /// RocksDB names the blob's file, which says nothing to who knows the checkpoint.
  private static func withoutPaths(_ message: String, _ path: FilePath) -> String {
    let reason = message.replacing(" in \(path)", with: "")
    return reason.hasPrefix("Corruption: ") ? String(reason.dropFirst(12)) : reason
  }
}
