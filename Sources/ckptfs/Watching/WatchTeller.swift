// SPDX-License-Identifier: Apache-2.0

/// Tells what a watch does on standard output, which may come to be full or closed: that is no reason to end it.
struct WatchTeller {
  let format: FormatOptions
  /// The last event could not be told.
  private var isUnheard = false

  init(_ format: FormatOptions) {
    self.format = format
  }

  /// - Returns: whether it was written.
  /// - Throws: ``ClosedOutput`` when whoever read has gone.
  @discardableResult
  mutating func tell(_ event: WatchEvent) throws -> Bool {
    do {
      try format.print(event)
      isUnheard = false
      return true
    } catch let failure as Failure {
      if !isUnheard {
        ErrorOutput.write(
          Failure(failure.status, failure.code, "\(failure.message) (the watch goes on)"),
          asJSON: format.isJSON)
      }
      isUnheard = true
      return false
    }
  }

  /// Tells of what stands in the way, and is waited for.
  func tell(_ failure: Failure) {
    ErrorOutput.write(
      Failure(failure.status, failure.code, "\(failure.message) (waiting)"), asJSON: format.isJSON)
  }
}
