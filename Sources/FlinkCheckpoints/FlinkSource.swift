// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
import FlinkMetadata
import LinuxFiles
import Synchronization
package import SystemPackage

/// Flink's checkpoint directories as something that a mount can show. Nothing is written to them.
///
/// Jobs and savepoints are its histories. It keeps a summary of each checkpoint and counts who uses
/// which file; the tree of a checkpoint is made from its `_metadata` when it is asked for, and kept
/// for the last few. What comes and goes is noticed when something is asked, at most as long after as
/// looking costs little.
package final class FlinkSource: Source {
  private struct State {
    var index: FlinkIndex
    /// `nil` while somebody looks what has changed.
    var builder: IndexBuilder?
    var nextLook: ContinuousClock.Instant
    /// The directory could not be looked at the last time.
    var failure: SourceError?
    var trees = TreeCache()
    var texts = ReportCache()
  }

  /// Between two looks; a longer one makes the pauses longer, so that looking stays a tenth of the time.
  private static let pause: Duration = .milliseconds(200)

  /// The file that shows `_metadata` to people, at the top of each checkpoint.
  package static let descriptionName = MetadataDescription.fileName

  package let root: FilePath
  package let name: String
  /// As it was at first: it has not looked yet.
  let finder: FileFinder
  private let directory: OpenDirectory
  private let state: Mutex<State>

  /// Looks at all checkpoints below `path`.
  ///
  /// - Parameter mappings: where files are that are not where they were recorded to be.
  /// - Throws: ``SourceError`` with code `unavailable` when there is no such directory.
  package init(_ path: FilePath, mappings: [PathMapping] = []) throws(SourceError) {
    do throws(FileError) {
      root = try FileSystemCalls.resolve(path)
      directory = try OpenDirectory(root)
      let isCheckpoint = CheckpointNumber(directoryName: root.lastComponent?.string ?? "") != nil
      // What a checkpoint shares lies beside it.
      finder = FileFinder(
        root: isCheckpoint ? root.removingLastComponent() : root, mappings: mappings)
      var builder = IndexBuilder(root: root, finder: finder)
      let index = try builder.update() ?? .empty(finder)
      state = Mutex(
        State(index: index, builder: builder, nextLook: ContinuousClock.now + Self.pause))
    } catch {
      let message =
        error.errno == .noSuchFileOrDirectory
        ? "there is no directory '\(path)'; name one that holds Flink's checkpoints"
        : "cannot read '\(path)': \(error)"
      throw SourceError(.unavailable, message, cause: error)
    }
    name = "flink:\(path)"
  }

  /// Directories whose `_metadata` cannot be read.
  package var damaged: [DamagedCheckpoint] {
    get throws(SourceError) { try current().damaged }
  }

  /// What is there now, or was a moment ago.
  func current() throws(SourceError) -> FlinkIndex {
    let now = ContinuousClock.now
    let (taken, index, failure) = state.withLock { state in
      let isDue = state.nextLook <= now
      return (isDue ? state.builder.take() : nil, state.index, state.failure)
    }
    guard let taken else {
      if let failure { throw failure }
      return index
    }
    return try look(with: taken, instead: index)
  }

  /// What is there now.
  func lookedAtNow() throws(SourceError) -> FlinkIndex {
    let (known, index) = state.withLock { ($0.builder, $0.index) }
    // Somebody is looking; what comes of that is older than this may be.
    guard var builder = known else {
      var builder = IndexBuilder(root: root, finder: finder)
      return try updated(&builder) ?? .empty(finder)
    }
    return try updated(&builder) ?? index
  }

  private func updated(_ builder: inout IndexBuilder) throws(SourceError) -> FlinkIndex? {
    let changed: FlinkIndex?
    let isInPlace: Bool
    do throws(FileError) {
      changed = try builder.update()
      // Afterwards, since it may have been replaced in the middle.
      isInPlace = try directory.isInPlace()
    } catch {
      throw SourceError(.unavailable, "cannot look into '\(root)': \(error)", cause: error)
    }
    guard isInPlace else { throw replaced }
    return changed
  }

  /// Only one thread is here at a time: others answer from the last look.
  private func look(
    with taken: IndexBuilder, instead index: FlinkIndex
  ) throws(SourceError) -> FlinkIndex {
    var builder = taken
    let started = ContinuousClock.now
    var changed: FlinkIndex?
    var failure: SourceError?
    do throws(SourceError) {
      changed = try updated(&builder)
    } catch {
      failure = error
    }
    // What was seen meanwhile may be another directory's: an empty one would empty its mirrors.
    if failure != nil { (builder, changed) = (taken, nil) }
    let now = ContinuousClock.now
    // Reading what is new takes its time once; only looking for it makes the pauses longer.
    let pause =
      changed == nil ? max(Self.pause, min((now - started) * 10, .seconds(60))) : Self.pause
    state.withLock { [changed, failure, builder] state in
      if let changed { state.index = changed }
      state.failure = failure
      state.builder = builder
      state.nextLook = now + pause
    }
    if let failure { throw failure }
    return changed ?? index
  }
}

extension FlinkSource {
  private var replaced: SourceError {
    SourceError(
      .unavailable,
      "'\(root)' is not the directory that it was, as where a disk was taken away; it is shown again when it is back"
    )
  }
}

/// Reports.
extension FlinkSource {
  /// The text of a report, made anew when it is older than making it allows.
  func keptText(
    of report: SourceReport, _ make: () throws(SourceError) -> [UInt8]
  ) throws(SourceError) -> [UInt8] {
    let started = ContinuousClock.now
    if let text = state.withLock({ $0.texts.text(of: report, at: started) }) { return text }
    do throws(SourceError) {
      let text = try make()
      let ended = ContinuousClock.now
      state.withLock { $0.texts.keep(text, of: report, madeFrom: started, to: ended) }
      return text
    } catch {
      state.withLock { $0.texts.giveUp(report) }
      throw error
    }
  }
}

/// Trees.
extension FlinkSource {
  /// - Returns: `nil` when the checkpoint is gone.
  func entries(of id: CheckpointID) throws(SourceError) -> FlinkEntries? {
    let index = try current()
    guard let checkpoint = index.checkpoint(id) else { return nil }
    if let known = state.withLock({ $0.trees[id] }) { return known }
    var builder = EntriesBuilder(checkpoint, files: index.files)
    let built: FlinkEntries?
    do throws(MetadataError) {
      built = try builder.build(reading: try metadata(of: checkpoint))
    } catch {
      if case .unreadable(.noSuchFileOrDirectory) = error.flaw { return nil }
      throw SourceError(.unavailable, error.description, cause: error)
    }
    guard let built else { return nil }
    state.withLock { $0.trees.insert(built, for: id) }
    return built
  }

  func metadata(of checkpoint: FlinkCheckpoint) throws(MetadataError) -> MetadataFile {
    try MetadataFile(checkpoint.found.directory.appending(MetadataFile.name))
  }
}
