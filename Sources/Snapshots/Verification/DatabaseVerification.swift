// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

/// One run of verifying a database in a view of a checkpoint.
struct DatabaseVerification {
  /// `nil` for the checkpoint's own directory.
  let root: EntryPath?
  let view: CheckpointView
  let verification: Verification
  let counter: ByteCounter
  /// The files of its directory, by name.
  let files: [String: (path: EntryPath, content: Content)]

  init(
    root: EntryPath?, view: CheckpointView, verification: Verification, counter: ByteCounter
  ) {
    self.root = root
    self.view = view
    self.verification = verification
    self.counter = counter
    var files: [String: (path: EntryPath, content: Content)] = [:]
    for entry in view.entries where entry.path.parent == root {
      guard let content = entry.content else { continue }
      files[String(decoding: entry.path.name, as: UTF8.self)] = (entry.path, content)
    }
    self.files = files
  }

  var directory: FilePath {
    root.map { view.root.appending(bytes: $0.bytes) } ?? view.root
  }

  func run() -> VerificationReport.Database {
    var result = VerificationReport.Database(path: root)
    result.damage = view.damage.filter { $0.key.parent == root }.sorted { $0.key < $1.key }
      .map { VerificationReport.Damage(file: $0.key.description, detail: $0.value) }
    let settings = settings()
    guard let description = describe(settings, &result) else { return result }
    checkPresence(description, &result)
    verifyFiles(description, settings, &result)
    verifyLogs(description, &result)
    // What is known to be damaged needs no further proof.
    if result.damage.isEmpty { open(description, settings, &result) }
    return result
  }

  func damage(_ name: String, _ detail: String) -> VerificationReport.Damage {
    VerificationReport.Damage(file: place(name), detail: detail)
  }

  /// The path in the checkpoint.
  func place(_ name: String) -> String { root.map { "\($0)/\(name)" } ?? name }

  // MARK: Metadata

  /// The newest settings file, as far as it can be read: it only helps to tell versions apart.
  private func settings() -> DatabaseSettings {
    let newest = view.entries.compactMap { entry -> FileNumber? in
      guard entry.content != nil, entry.path.parent == root,
        case .options(let number) = DirectoryEntry(bytes: entry.path.name)
      else { return nil }
      return number
    }.max()
    guard let newest,
      let content = try? FileSystemCalls.contents(
        of: directory.appending(newest.optionsName), limit: DatabaseSettings.sizeLimit)
    else { return DatabaseSettings([]) }
    return DatabaseSettings(content)
  }

  private func describe(
    _ settings: DatabaseSettings, _ result: inout VerificationReport.Database
  ) -> DatabaseDescription? {
    do throws(RocksDirectoryError) {
      let description = try DatabaseDirectory.describe(directory)
      if description.tailIsTruncated {
        result.damage.append(
          damage(
            description.manifestName,
            "ends within a record, after \(description.manifestValidLength) sound bytes of "
              + "\(description.manifestSize)"))
      }
      return description
    } catch {
      switch error {
      case .unsupported(let file, let offset, let reason):
        let name = file.lastComponent?.string ?? file.string
        result.notVerified.append("\(place(name)), from byte \(offset) on: \(reason)")
      case .corrupt(let file, let offset, let reason):
        append(
          damage(
            file.lastComponent?.string ?? file.string, "is damaged at byte \(offset): \(reason)"),
          &result)
      case .notADatabase:
        append(damage(CurrentFile.name, "is missing"), &result)
      case .io(let file, .noSuchFileOrDirectory):
        append(
          damage(file.lastComponent?.string ?? file.string, "is missing, and CURRENT names it"),
          &result)
      case .io(let file, let errno):
        result.notVerified.append(
          "\(place(file.lastComponent?.string ?? file.string)): cannot be read: \(errno)")
      }
      return nil
    }
  }

  /// A file whose blob is known to be damaged is told of once.
  func append(
    _ damage: VerificationReport.Damage, _ result: inout VerificationReport.Database
  ) {
    if !result.damage.contains(where: { $0.file == damage.file }) { result.damage.append(damage) }
  }

  private func checkPresence(
    _ description: DatabaseDescription, _ result: inout VerificationReport.Database
  ) {
    for problem in description.missingFiles(sizes: { files[$0]?.content.size }) {
      append(damage(problem.name, problem.detail), &result)
    }
  }

  // MARK: Logs

  private func verifyLogs(
    _ description: DatabaseDescription, _ result: inout VerificationReport.Database
  ) {
    for entry in view.entries.sorted(by: { $0.path < $1.path }) where entry.path.parent == root {
      guard case .log(let number) = DirectoryEntry(bytes: entry.path.name),
        number >= description.minimumLogNumber, let location = view.locations[entry.path]
      else { continue }
      result.logs += 1
      result.bytes += Int64(clamping: entry.content?.size ?? 0)
      do throws(RocksDirectoryError) {
        // A record that the end cuts short is what a writer leaves that is at it; RocksDB leaves it out.
        _ = try LogContents(reading: location, number: number)
      } catch {
        switch error {
        case .corrupt(_, let offset, let reason):
          append(damage(number.logName, "is damaged at byte \(offset): \(reason)"), &result)
        case .unsupported(_, let offset, let reason):
          result.notVerified.append("\(place(number.logName)), from byte \(offset) on: \(reason)")
        case .notADatabase, .io:
          result.notVerified.append("\(place(number.logName)): \(error)")
        }
      }
    }
  }

  // MARK: Opening

  private func open(
    _ description: DatabaseDescription, _ settings: DatabaseSettings,
    _ result: inout VerificationReport.Database
  ) {
    let opening = DatabaseOpening(
      directory: directory, description: description, settings: settings)
    if let reason = opening.foreignPart {
      result.notOpened = reason
      return
    }
    // One reason is enough.
    if !result.notVerified.isEmpty { return }
    do throws(RocksDBError) {
      let database = try opening.open()
      let (found, wanted) = (database.latestSequenceNumber, description.lastSequence)
      if found < wanted {
        result.damage.append(
          damage(
            description.manifestName,
            "opened, the database ends with sequence number \(found), before \(wanted)"))
      }
    } catch {
      let message = error.message.replacing(directory.string, with: root?.description ?? ".")
      if opening.isOfLaterVersion, !error.isOfInput {
        result.notVerified.append(opening.laterVersion(message))
      } else if error.isCorruption {
        result.damage.append(
          damage(description.manifestName, "RocksDB does not open it: \(message)"))
      } else {
        result.notVerified.append(
          "\(place(description.manifestName)): RocksDB does not open it: \(message)")
      }
    }
  }
}

extension FileProblem {
  /// What is wrong, without the name.
  fileprivate var detail: String {
    let text = description
    return text.hasPrefix(name + " ") ? String(text.dropFirst(name.count + 1)) : text
  }
}
