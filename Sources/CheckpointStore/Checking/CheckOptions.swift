// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
public import SystemPackage

/// What a check of a store is to do.
public struct CheckOptions: Sendable {
  /// Hash every blob: finds rot that leaves size and time alone.
  public var readsData: Bool
  /// Put right what can be, and move bad blobs out of the way.
  public var repairs: Bool
  /// Where lost contents are looked for: directories with all below them, and other stores.
  public var sources: [FilePath]
  /// Read all, also what a run that did not end has read.
  public var readsAnew = false
  /// How many files are read at a time.
  public var jobs = Self.defaultJobs
  /// Once asked for, the check ends soon, and its report says how far it came.
  package var cancellation = Cancellation()

  /// Enough for processors that hash and disks that take several requests, and no more than lets others live.
  public static var defaultJobs: Int { min(max(Processors.count, 2), 8) }

  public init(readsData: Bool = false, repairs: Bool = false, sources: [FilePath] = []) {
    self.readsData = readsData
    self.repairs = repairs
    self.sources = sources
  }

  /// The sources by paths without links.
  ///
  /// - Throws: code `invalid` when one is no directory, `refused` when it is the store itself or lies in it.
  @discardableResult
  package func checkSources(besides store: FilePath) throws(StoreError) -> [FilePath] {
    var checked: [FilePath] = []
    for source in sources { checked.append(try ContentSources.checked(source, besides: store)) }
    return checked
  }
}
