// SPDX-License-Identifier: Apache-2.0

import CheckpointStore
import Glibc
import Synchronization

/// One line on a terminal that tells how far a long operation is.
///
/// It appears after a second, and never where standard error is no terminal.
final class ProgressLine: Sendable {
  private struct State {
    var lastWritten: ContinuousClock.Instant?
    var isEnded = false
  }

  private let verb: String
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// - Returns: `nil` where nobody would see it.
  init?(_ verb: String, _ format: FormatOptions) {
    guard !format.isJSON, isatty(STDERR_FILENO) == 1 else { return nil }
    self.verb = verb
  }

  /// Takes the line away, and keeps it away.
  func end() {
    let isShown = state.withLock { state in
      defer { state.isEnded = true }
      return state.lastWritten != nil && !state.isEnded
    }
    if isShown { ErrorOutput.write("\r\u{1B}[K") }
  }

  deinit { end() }

  var handler: ProgressHandler {
    { [self] progress in show(progress) }
  }

  private func show(_ progress: Progress) {
    let now = ContinuousClock.now
    let isDue = state.withLock { state in
      guard !state.isEnded, now - start >= .seconds(1),
        now - (state.lastWritten ?? start) >= .milliseconds(200)
      else { return false }
      state.lastWritten = now
      return true
    }
    if isDue { ErrorOutput.write("\r\u{1B}[K" + text(progress, elapsed: now - start)) }
  }

  private func text(_ progress: Progress, elapsed: Duration) -> String {
    let seconds = elapsed / .seconds(1)
    let rate = Double(progress.doneBytes) / seconds
    let done = Quantities.bytes(progress.earlierBytes + progress.doneBytes)
    let speed = "\(Quantities.bytes(Int64(rate)))/s"
    guard progress.totalBytes > 0 else { return "\(verb) \(done), \(speed)" }
    let reached = progress.earlierBytes + progress.doneBytes
    let percent = min(100, Int64(Double(reached) / Double(progress.totalBytes) * 100))
    let total = Quantities.bytes(progress.totalBytes)
    guard rate > 0 else { return "\(verb) \(percent) %, \(done) of \(total)" }
    let rest = Double(max(0, progress.totalBytes - reached)) / rate
    let left = Quantities.roughly(seconds: Int64(min(rest, 1e9).rounded(.up)))
    return "\(verb) \(percent) %, \(done) of \(total), \(speed), \(left) left"
  }
}
