// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import Glibc
  import Synchronization
#endif

/// Marks the steps of ``Step`` in the code that does them. In a release build it does nothing else.
///
/// In a debug build `CKPTFS_STEPS` in the environment asks for faults, separated by commas:
/// `kill@N` and `stop@N` raise SIGKILL or SIGSTOP at the N-th mark that is reached, `kill@NAME` at the first
/// one of that name, `skip=NAME` leaves every step of that name out. `statements=NAME` makes each statement of the
/// transaction of that name a mark, too.
public enum Steps {
  /// Does `body` as the step `step`, with a mark before and after.
  @inline(__always)
  public static func perform<Failure>(
    _ step: Step, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    #if DEBUG
      Faults.requested.reach(step)
      if Faults.requested.skips(step) { return }
    #endif
    try body()
    #if DEBUG
      Faults.requested.reach(step)
    #endif
  }

  /// Does `body`, whose result is needed, as the step `step`: it cannot be left out.
  @inline(__always)
  public static func mark<Result, Failure>(
    _ step: Step, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    #if DEBUG
      Faults.requested.reach(step)
    #endif
    let result = try body()
    #if DEBUG
      Faults.requested.reach(step)
    #endif
    return result
  }

  /// Says which transaction the statements that follow belong to: a process has one that writes at a time.
  @inline(__always)
  public static func enterTransaction(_ step: Step) {
    #if DEBUG
      Faults.requested.transaction.withLock { $0 = step }
    #endif
  }

  /// Marks a statement within a transaction: one that the transaction makes whole with the others.
  @inline(__always)
  public static func markStatement() {
    #if DEBUG
      Faults.requested.reachStatement()
    #endif
  }

  /// Whether a fault asks to leave `step` out, for steps that are a way of doing something.
  @inline(__always)
  public static func isLeftOut(_ step: Step) -> Bool {
    #if DEBUG
      Faults.requested.skips(step)
    #else
      false
    #endif
  }
}

#if DEBUG
  /// What `CKPTFS_STEPS` asks for.
  private final class Faults: Sendable {
    static let requested = Faults(
      unsafe getenv("CKPTFS_STEPS").map { unsafe String(cString: $0) } ?? "")

    private let signalsAtCount: [Int: CInt]
    private let signalsAtStep: [Step: CInt]
    private let skipped: Set<Step>
    private let countsStatementsOf: Step?
    let transaction = Mutex<Step?>(nil)
    private let count = Atomic<Int>(0)

    init(_ text: String) {
      var signalsAtCount: [Int: CInt] = [:]
      var signalsAtStep: [Step: CInt] = [:]
      var skipped: Set<Step> = []
      var countsStatementsOf: Step?
      for fault in text.split(separator: ",") {
        let parts = fault.split(whereSeparator: { "@=".contains($0) }).map(String.init)
        precondition(parts.count == 2, "CKPTFS_STEPS: '\(fault)' is no fault")
        let signal = parts[0] == "stop" ? SIGSTOP : SIGKILL
        switch (parts[0], Int(parts[1]), Step(rawValue: parts[1])) {
        case ("kill", let count?, _), ("stop", let count?, _): signalsAtCount[count] = signal
        case ("kill", _, let step?), ("stop", _, let step?): signalsAtStep[step] = signal
        case ("skip", _, let step?): skipped.insert(step)
        case ("statements", _, let step?): countsStatementsOf = step
        default: preconditionFailure("CKPTFS_STEPS: '\(fault)' is no fault")
        }
      }
      (self.signalsAtCount, self.signalsAtStep) = (signalsAtCount, signalsAtStep)
      (self.skipped, self.countsStatementsOf) = (skipped, countsStatementsOf)
    }

    func skips(_ step: Step) -> Bool { skipped.contains(step) }

    func reach(_ step: Step) {
      let reached = count.add(1, ordering: .relaxed).newValue
      if let signal = signalsAtCount[reached] ?? signalsAtStep[step] {
        raise(signal, at: step.rawValue)
      }
    }

    func reachStatement() {
      guard let counted = countsStatementsOf, transaction.withLock(\.self) == counted else {
        return
      }
      let reached = count.add(1, ordering: .relaxed).newValue
      if let signal = signalsAtCount[reached] { raise(signal, at: "statement") }
    }

    /// Tells the driver where, since nothing can be told afterwards.
    private func raise(_ signal: CInt, at place: String) {
      let line = Array("\(place)\n".utf8)
      unsafe line.withUnsafeBytes { _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
      kill(getpid(), signal)
    }
  }
#endif
