// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LinuxFiles
import RocksDB
public import SystemPackage

/// What a checkpoint of a ``SnapshotEngine`` says of its state: the file `ckptfs-state.json` in it.
///
/// It is there to be read before the database is opened, since RocksDB opens it only with the right comparators and merge
/// operators. The format is in `Documentation/Formats.md`.
public struct StateInformation: Hashable, Sendable {
  public struct ColumnFamily: Hashable, Sendable, Codable {
    public let id: UInt32
    public let name: String
    /// As RocksDB names it; `nil` where the MANIFEST does not.
    public let comparator: String?
    /// As RocksDB names it; `nil` for none, or where there is no OPTIONS file.
    public let mergeOperator: String?
  }

  public static let fileName = "ckptfs-state.json"
  /// What this version writes, and the only one that it reads.
  public static let format = 1
  private static let greatestSize = 64 << 20

  /// Ascending by id.
  public let columnFamilies: [ColumnFamily]
  /// What the caller described, in its order.
  public let states: [StateDescriptor]

  /// Reads it from a checkpoint's directory: restored, mounted, or whichever.
  ///
  /// - Throws: ``SnapshotError`` with code `notFound` when no engine made it, `unsupported` when a later version did, `damaged`
  ///   when it is not as written.
  public init(in directory: FilePath) throws(SnapshotError) {
    let file = directory.appending(Self.fileName)
    let text: [UInt8]
    do throws(FileError) {
      text = try FileSystemCalls.contents(of: file, limit: Self.greatestSize)
    } catch {
      guard error.errno == .noSuchFileOrDirectory else { throw SnapshotError(error) }
      throw SnapshotError(
        .notFound,
        "there is no '\(file)': the checkpoint was not made by a snapshot engine; open the database without it",
        cause: error)
    }
    try self.init(text, of: file)
  }

  /// - Parameter file: named where something is wrong.
  init(_ text: [UInt8], of file: FilePath) throws(SnapshotError) {
    do {
      let format = try JSONDecoder().decode(Format.self, from: Data(text)).format
      guard format == Self.format else {
        throw SnapshotError(
          .unsupported,
          "'\(file)' has format \(format), and this version reads \(Self.format); use a later one")
      }
      let content = try JSONDecoder().decode(Content.self, from: Data(text))
      columnFamilies = content.columnFamilies
      states = content.states
    } catch let error as SnapshotError {
      throw error
    } catch {
      throw SnapshotError(
        .damaged,
        "'\(file)' is not as a snapshot engine writes it; restore the checkpoint again",
        cause: error)
    }
  }

  /// - Parameter tree: the checkpoint's, whose OPTIONS file names the merge operators.
  init(
    of database: DatabaseDescription, in tree: DirectoryTree, states: [StateDescriptor]
  ) throws {
    let settings = try tree.settings()
    columnFamilies = database.columnFamilies.map { family in
      ColumnFamily(
        id: family.id.rawValue, name: family.name, comparator: family.comparator,
        mergeOperator: settings?.mergeOperator(of: family.name))
    }
    self.states = states
  }

  /// The same bytes for the same information, so that the store keeps them once.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let content = Content(format: Self.format, columnFamilies: columnFamilies, states: states)
    return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
  }

  /// Writes the file, without making it durable: who keeps it does.
  func write(to path: FilePath) throws {
    let text = try encoded()
    guard text.count <= Self.greatestSize else {
      throw SnapshotError(
        .invalid,
        "the states are described in \(text.count) bytes, and at most \(Self.greatestSize) are kept; describe "
          + "them more briefly")
    }
    try FileSystemCalls.write(path, options: [.create, .exclusiveCreate]) { file in
      try file.write(all: text[...], path: path)
    }
  }

  private struct Format: Codable {
    let format: Int
  }

  private struct Content: Codable {
    let format: Int
    let columnFamilies: [ColumnFamily]
    let states: [StateDescriptor]
  }
}
