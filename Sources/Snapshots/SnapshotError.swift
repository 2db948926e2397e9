// SPDX-License-Identifier: Apache-2.0

public import CheckpointStore
import Checkpoints
import LinuxFiles
import RocksDB
import SystemPackage

/// Why a snapshot was not taken. Nothing of it is left: no checkpoint, and what had been stored is collected.
public struct SnapshotError: Error, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The directory is not there.
    case notFound
    /// The directory cannot be a checkpoint, or holds what none may hold: a link, a socket.
    case invalid
    /// Files that its MANIFEST needs are missing or have another size.
    case incomplete
    /// Its metadata contradicts itself or ends too early.
    case damaged
    /// A process has the database open.
    case live
    /// Something changed while it was taken.
    case changed
    /// A live database changed too fast for it, or another snapshot works in its place; later it may work.
    case busy
    /// It needs a feature that the reader does not know.
    case unsupported
    /// The number was completed earlier with other content.
    case exists
    /// Writes skipped the log and are in memtables only, and the engine was told not to flush them.
    case unlogged
    /// It was cancelled.
    case cancelled
    /// RocksDB itself failed.
    case database
    case io
    case store(StoreError.Code)
  }

  public let code: Code
  /// One line: what failed, on which file, why, what to do.
  public let message: String
  public let cause: (any Error)?

  init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { message }

  /// The error of a layer below, in this one's terms.
  init(_ error: any Error) {
    switch error {
    case let error as SnapshotError: self = error
    case is CancellationError: self.init(.cancelled, "it was asked to end", cause: error)
    case let error as StoreError: self.init(Self.code(of: error), error.message, cause: error)
    case let error as InvalidPath: self.init(.invalid, error.description, cause: error)
    case let error as RocksDBError: self.init(.database, error.description, cause: error)
    case let error as DirectoryLockError: self.init(error)
    case let error as FileError where error.errno == .canceled:
      self.init(.cancelled, "it was asked to end while it read '\(error.path)'", cause: error)
    case let error as FileError where error.errno == .noSuchFileOrDirectory:
      self.init(
        .changed,
        "'\(error.path)' vanished while the snapshot was taken; nobody may change the "
          + "directory meanwhile", cause: error)
    default: self.init(.io, "\(error)", cause: error)
    }
  }

  private init(_ error: DirectoryLockError) {
    switch error {
    case .held: self.init(.live, error.description, cause: error)
    case .absent: self.init(.changed, error.description, cause: error)
    case .notRegular: self.init(.invalid, error.description, cause: error)
    case .io: self.init(.io, error.description, cause: error)
    }
  }

  private static func code(of error: StoreError) -> Code {
    switch error.code {
    case .sourceChanged: .changed
    case .invalid: .invalid
    case .cancelled: .cancelled
    default: .store(error.code)
    }
  }
}

/// Runs `body`, with what it throws translated into this layer's terms.
func translating<Result>(_ body: () throws -> Result) throws(SnapshotError) -> Result {
  do {
    return try body()
  } catch {
    throw SnapshotError(error)
  }
}
