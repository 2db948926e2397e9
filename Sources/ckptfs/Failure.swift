// SPDX-License-Identifier: Apache-2.0

import CheckpointFS
import CheckpointStore
import Checkpoints
import LinuxFiles
import Snapshots
import SystemPackage

/// Why a command did not do what was asked, as the program tells it.
struct Failure: Error {
  let status: ExitStatus
  /// A word for scripts that read JSON.
  let code: String
  /// One line.
  let message: String

  init(_ status: ExitStatus, _ code: String, _ message: String) {
    self.status = status
    self.code = code
    // A file's name may hold anything, also what a terminal would obey.
    self.message = message.printable
  }

  /// The failure that an error of a layer below amounts to.
  init(_ error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as StoreError:
      let (status, code) = Self.meaning(of: error.code)
      self.init(status, code, error.message)
    case let error as SnapshotError:
      let (status, code) = Self.meaning(of: error.code)
      self.init(status, code, error.message)
    case let error as SourceError:
      let isAbsent = (error.cause as? FileError)?.errno == .noSuchFileOrDirectory
      self.init(
        isAbsent ? .absent : .failed,
        isAbsent ? "notFound" : error.code == .damaged ? "damaged" : "failed", error.message)
    case let error as MountPointError:
      self.init(error.flaw == .absent ? .absent : .failed, "mountPoint", "\(error)")
    case is InvalidName, is InvalidSelector, is InvalidMountOption:
      self.init(.usage, "usage", "\(error)")
    default: self.init(.failed, "failed", "\(error)")
    }
  }

  static func meaning(of code: StoreError.Code) -> (ExitStatus, String) {
    switch code {
    case .notAStore: (.absent, "notAStore")
    case .unsupported: (.failed, "unsupported")
    case .noSuchHistory: (.absent, "noSuchHistory")
    case .noSuchCheckpoint: (.absent, "noSuchCheckpoint")
    case .noSuchTag: (.absent, "noSuchTag")
    case .busy: (.busy, "busy")
    case .expired: (.failed, "expired")
    case .exists: (.failed, "exists")
    case .refused: (.failed, "refused")
    case .invalid: (.failed, "invalid")
    case .sourceChanged: (.failed, "sourceChanged")
    case .cancelled: (.failed, "cancelled")
    case .damaged: (.failed, "damaged")
    case .io: (.failed, "io")
    }
  }

  static func meaning(of code: SnapshotError.Code) -> (ExitStatus, String) {
    switch code {
    case .notFound: (.absent, "notFound")
    case .invalid: (.failed, "invalid")
    case .incomplete: (.failed, "incomplete")
    case .damaged: (.failed, "damaged")
    case .live: (.busy, "live")
    case .changed: (.failed, "changed")
    case .busy: (.busy, "busy")
    case .unsupported: (.failed, "unsupported")
    case .exists: (.failed, "exists")
    case .unlogged: (.failed, "unlogged")
    case .cancelled: (.failed, "cancelled")
    case .database: (.failed, "database")
    case .io: (.failed, "io")
    case .store(let code): meaning(of: code)
    }
  }
}
