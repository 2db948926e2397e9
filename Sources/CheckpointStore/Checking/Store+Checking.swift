// SPDX-License-Identifier: Apache-2.0

import BlobStore
import Catalog
public import Checkpoints
import LinuxFiles
public import SystemPackage

extension Store {
  /// Opens a store and checks it, as ``check(_:progress:)`` does.
  ///
  /// - Throws: as `init(at:freeing:)`, but for a catalog that is lost or damaged, which is a problem like others.
  public static func check(
    at path: FilePath, _ options: CheckOptions, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    let layout = StoreLayout(root: path)
    _ = try layout.readMarker()
    try options.checkSources(besides: path)
    var failure: StoreError
    do throws(StoreError) {
      return try Store(at: path).check(options, progress: progress)
    } catch {
      failure = error
    }
    // A disk that did not answer once is no damage: what is damaged is so again.
    if failure.code == .damaged {
      do throws(StoreError) {
        return try Store(at: path).check(options, progress: progress)
      } catch {
        failure = error
      }
    }
    guard failure.code == .damaged else { throw failure }
    let isThere = try translating { try FileSystemCalls.exists(layout.catalog) }
    return CheckReport(
      problems: [
        Problem(
          kind: isThere ? .damagedCatalog : .lostCatalog,
          path: layout.relativeName(of: layout.catalog), checkpoints: [],
          detail: "\(failure.message.withoutRemedy); \(catalogRemedy)")
      ])
  }

  static let catalogRemedy =
    "'ckptfs fsck --rebuild-catalog' makes it anew from the manifests"

  /// As ``check(_:progress:)``.
  public func check(
    readData: Bool, repair: Bool, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    try check(CheckOptions(readsData: readData, repairs: repair), progress: progress)
  }

  /// Compares the catalog with itself, with the blobs and with the manifests.
  ///
  /// Which blobs were read and found right is noted in the catalog as it goes: a run that was interrupted is gone on with by the
  /// next one, which reads again only what was not read, or has changed since. With `repairs`
  ///
  /// - counts, links and totals in the catalog are put right from pages and manifests;
  /// - manifests and pages that are missing or wrong are written anew;
  /// - a blob that only looks changed is read, and accepted if its content is right;
  /// - a content that is lost or damaged is fetched from `sources`, durable before the catalog says so;
  /// - a blob known to be bad for which there is no other is moved to quarantine.
  ///
  /// What cannot be repaired is a problem, and the check goes on. Where it cannot, its report has the failure beside what was found.
  ///
  /// - Throws: when nothing was found before a failure; code `invalid` or `refused` for what is no source.
  public func check(
    _ options: CheckOptions, progress: ProgressHandler? = nil
  ) throws(StoreError) -> CheckReport {
    try translating {
      var options = options
      options.sources = try options.checkSources(besides: path)
      try outbox.replay()
      var report = CheckReport()
      do {
        try check(options, progress, &report)
      } catch {
        if report.saysNothing { throw error }
        report.failure = StoreError(error)
      }
      return report
    }
  }

  private func check(
    _ options: CheckOptions, _ progress: ProgressHandler?, _ report: inout CheckReport
  ) throws {
    // It would write dropped checkpoints back.
    if options.repairs { try refuseOlderCatalog() }
    guard try checkCatalog(options, &report) else { return }
    if try knowledge.lacksChanges() {
      report.problems.append(
        Problem(
          kind: .damagedCatalog, path: "catalog.sqlite", checkpoints: [],
          detail: Self.text(of: .changes, layout)))
    }
    try StoreCheck(store: self, options: options).run(progress, &report)
    guard report.reading?.isComplete != false else { return }
    try ManifestCheck(store: self, repairs: options.repairs).run(&report)
  }

  /// How long ago `fsck --read-data` or scrubbing has read what there is.
  public func readingAge() throws(StoreError) -> ReadingAge {
    try translating {
      try catalog.readingAge(now: Timestamp(nanoseconds: WallClock.now()))
    }
  }

  /// - Returns: whether the catalog is sound now: counts and names from a broken one prove nothing about files.
  private func checkCatalog(
    _ options: CheckOptions, _ report: inout CheckReport
  ) throws -> Bool {
    let problems = try catalog.inconsistencies()
    if problems.isEmpty { return true }
    func finding(_ detail: String) -> Problem {
      Problem(kind: .damagedCatalog, path: "catalog.sqlite", checkpoints: [], detail: detail)
    }
    let deeds = options.repairs ? try relink() : []
    if deeds.isEmpty {
      let remedy =
        options.repairs
        ? Self.catalogRemedy
        : "'ckptfs fsck --repair' puts right what pages and manifests tell; else \(Self.catalogRemedy)"
      report.problems = problems.map {
        finding("\($0.onOneLine), and nothing else was checked; \(remedy)")
      }
    } else {
      report.repaired = deeds.map { finding($0.onOneLine) }
    }
    return !deeds.isEmpty
  }

  private func relink() throws -> [String] {
    try catalog.relink(
      // What cannot be read says nothing, and all is left as it is then.
      pageText: { try? self.blobs.contents(of: $0, limit: StoreLayout.recordLimit) },
      pages: { checkpoint in
        let path = self.layout.manifest(of: checkpoint.history, checkpoint.number)
        guard
          case .checkpoint(let manifest)? = try? ManifestFile(
            path, of: checkpoint.history, in: self.id),
          manifest.checkpoint.id == checkpoint.id
        else { return nil }
        return manifest.pages
      })
  }
}

extension String {
  /// SQLite may tell of several flaws in several lines.
  fileprivate var onOneLine: String { split(separator: "\n").joined(separator: ", ") }

  /// What is wrong, without what to do about it.
  fileprivate var withoutRemedy: Substring {
    split(separator: ";", maxSplits: 1).first ?? self[...]
  }
}
