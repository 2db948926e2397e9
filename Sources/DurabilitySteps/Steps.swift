// SPDX-License-Identifier: Apache-2.0

#if DEBUG
  import Glibc
  import Synchronization
#endif

/// Marks the steps of ``Step`` in the code that does them. In a release build it does nothing else.
///
/// In a debug build `CKPTFS_STEPS` in the environment asks for faults, separated by commas:
/// `kill@N` and `stop@N` raise SIGKILL or SIGSTOP at the N-th mark that is reached, `kill@NAME` at the first
/// one of that name, `skip=NAME` leaves every step of that name out, `ignore=NAME` goes on where it fails as if it had
/// not. `statements=NAME` makes each statement of the transaction of that name a mark, too. `slow=N` waits N
/// microseconds at each mark; `clock=SEED` has the wall clock jump by days, forward and back, whenever it is looked at;
/// `patience=N` waits N seconds for a locked catalog.
public enum Steps {
  /// Does `body` as the step `step`, with a mark before and after.
  @inline(__always)
  public static func perform<Failure>(
    _ step: Step, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    #if DEBUG
      Faults.requested.reach(step)
      if Faults.requested.skips(step) { return }
      if Faults.requested.ignoresErrors(of: step) {
        do throws(Failure) { try body() } catch {}
        return
      }
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

  /// How many nanoseconds the wall clock is off at this look at it.
  public static var clockJump: Int64 {
    #if DEBUG
      Faults.requested.nextClockJump()
    #else
      0
    #endif
  }

  /// For how many seconds a catalog is waited for that another process has locked. Transactions are short: who waits longer
  /// than this waits for somebody stopped.
  public static var patience: Int {
    #if DEBUG
      Faults.requested.patience ?? usualPatience
    #else
      usualPatience
    #endif
  }

  private static var usualPatience: Int { 60 }

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
    private let ignored: Set<Step>
    private let countsStatementsOf: Step?
    private let pause: UInt32?
    private let clockSeed: Int?
    let patience: Int?
    private let clockLooks = Atomic<Int>(0)
    let transaction = Mutex<Step?>(nil)
    private let count = Atomic<Int>(0)

    init(_ text: String) {
      var signalsAtCount: [Int: CInt] = [:]
      var signalsAtStep: [Step: CInt] = [:]
      var skipped: Set<Step> = []
      var ignored: Set<Step> = []
      var countsStatementsOf: Step?
      var pause: UInt32?
      var clockSeed: Int?
      var patience: Int?
      for fault in text.split(separator: ",") {
        let parts = fault.split(whereSeparator: { "@=".contains($0) }).map(String.init)
        precondition(parts.count == 2, "CKPTFS_STEPS: '\(fault)' is no fault")
        let signal = parts[0] == "stop" ? SIGSTOP : SIGKILL
        switch (parts[0], Int(parts[1]), Step(rawValue: parts[1])) {
        case ("kill", let count?, _), ("stop", let count?, _): signalsAtCount[count] = signal
        case ("kill", _, let step?), ("stop", _, let step?): signalsAtStep[step] = signal
        case ("skip", _, let step?): skipped.insert(step)
        case ("ignore", _, let step?): ignored.insert(step)
        case ("statements", _, let step?): countsStatementsOf = step
        case ("slow", let microseconds?, _): pause = UInt32(clamping: microseconds)
        case ("clock", let seed?, _): clockSeed = seed
        case ("patience", let seconds?, _): patience = seconds
        default: preconditionFailure("CKPTFS_STEPS: '\(fault)' is no fault")
        }
      }
      (self.signalsAtCount, self.signalsAtStep) = (signalsAtCount, signalsAtStep)
      (self.skipped, self.ignored) = (skipped, ignored)
      self.countsStatementsOf = countsStatementsOf
      (self.pause, self.clockSeed, self.patience) = (pause, clockSeed, patience)
    }

    /// At most ten days, either way; by a multiplicative hash of how often it was looked at.
    func nextClockJump() -> Int64 {
      guard let clockSeed else { return 0 }
      let look = clockLooks.add(1, ordering: .relaxed).newValue &+ clockSeed
      let mixed = UInt64(bitPattern: Int64(look)) &* 0x9e37_79b9_7f4a_7c15 >> 11
      let range: UInt64 = 20 * 86_400 * 1_000_000_000
      return Int64(mixed % range) - Int64(range / 2)
    }

    func skips(_ step: Step) -> Bool { skipped.contains(step) }

    func ignoresErrors(of step: Step) -> Bool { ignored.contains(step) }

    func reach(_ step: Step) {
      if let pause { usleep(pause) }
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
