// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The command that runs the harness by hand.
package enum Runner {
  private static let usage = """
    CrashRunner steps [SCENE…]   kills each operation at each step
    CrashRunner interleave       stops one operation at each step while another runs
    CrashRunner random SEED N    kills random runs at random instants, N times
    CrashRunner model SEED N [TURNS [SECONDS]]
                                 compares a store and a mount of it with a model, N seeds; what fails is shrunk
                                 for so many seconds, and printed as a command
    CrashRunner soak SECONDS [SEED]
                                 does so for that long
    CrashRunner replay           takes turns that were printed, from standard input
    CrashRunner power KIND SEED N [STEP]
                                 cuts the power of ext4 or xfs in random runs, N times; a step that is
                                 left out must be noticed. Run it under 'unshare -m --propagation private':
                                 a mount that another namespace sees cannot be taken away
    CrashRunner reflinks         restores by reflink on XFS, rot too; run it as 'power'
    CrashRunner processes SEED SECONDS [N]
                                 lets N processes, or 8, run on one store beside a mount with readers
    CrashRunner stopped          stops a writer for longer than anybody waits for it
    CrashRunner faults [COMMAND… | KIND… | STRIDE]
                                 lets each call of each command on files fail in turn, in each way
    CrashRunner mounted KIND N   lets each of the first N calls of a mounted process on its store fail
    CrashRunner trace            checks the order of system calls
    CrashRunner mutants [STEP…]  leaves one step out at a time: each must be noticed
    """

  /// - Returns: the exit status.
  package static func run(_ arguments: [String]) -> Int32 {
    do {
      switch arguments.first {
      case "steps"?: try killAtEveryStep(Array(arguments.dropFirst()))
      case "interleave"?:
        for interleaving in Interleaving.all {
          try timing(interleaving.name) {
            let count = try interleaving.run()
            return "stopped at \(count.stops) steps, the other waited at \(count.waits)"
          }
        }
      case "random"?:
        try timing("random") {
          "\(try RandomKilling(seed: number(arguments, 1)).run(rounds: Int(number(arguments, 2))))"
        }
      case "model"?:
        let turns = arguments.count > 3 ? Int(number(arguments, 3)) : 1000
        let seconds = arguments.count > 4 ? Int64(number(arguments, 4)) : 120
        try timing("model") {
          try RandomTraces(turns: turns, shrinkingFor: .seconds(seconds))
            .run(from: number(arguments, 1), count: Int(number(arguments, 2)))
          return "\(number(arguments, 2)) seeds of \(turns) turns"
        }
      case "soak"?: try soak(for: .seconds(Int64(number(arguments, 1))), from: number(arguments, 2))
      case "replay"?:
        let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        if let failure = try Trace(text: text).failure() { throw failure.violation }
        Console.say("nothing failed")
      case "power"?:
        guard let kind = arguments.dropFirst().first.flatMap(LoopFileSystem.Kind.init(rawValue:))
        else {
          Console.say(usage)
          return 64
        }
        try timing("power of \(kind.rawValue)") {
          let faults = arguments.count > 4 ? "skip=\(arguments[4])" : ""
          let cutting = PowerCutting(kind, seed: number(arguments, 2), faults: faults)
          return "\(try cutting.run(cuts: Int(number(arguments, 3))))"
        }
      case "reflinks"?:
        try timing("reflinks") {
          try ReflinkedRestore().run()
          return "done"
        }
      case "processes"?:
        try timing("processes") {
          let processes = arguments.count > 3 ? Int(number(arguments, 3)) : 8
          let many = try ManyProcesses(seed: number(arguments, 1), processes: processes)
          let time = Duration.seconds(Int64(number(arguments, 2)))
          return "\(try many.run(for: time, isMounted: MountedStore.obstacle == nil))"
        }
      case "stopped"?:
        try timing("stopped") {
          try StoppedWriter().run()
          return "done"
        }
      case "faults"?: return try failEveryCall(Set(arguments.dropFirst())) ? 0 : 1
      case "mounted"?:
        guard let kind = arguments.dropFirst().first.flatMap(FaultKind.init(rawValue:)) else {
          Console.say(usage)
          return 64
        }
        for (passthrough, isPersistent) in [
          (true, false), (false, false), (true, true), (false, true),
        ] {
          try timing(
            "mounted, \(kind.rawValue)\(isPersistent ? " from then on" : ""), passthrough \(passthrough)"
          ) {
            let run = FailingUnderMount(kind, isPersistent: isPersistent, passthrough: passthrough)
            return
              "\(try run.run(calls: stride(from: 1, to: 1 + Int(number(arguments, 2)), by: 1)))"
          }
        }
      case "trace"?:
        for scene in Scene.all {
          try timing(scene.name) { "\(try TracedOperation(scene).run()) system calls" }
        }
      case "mutants"?: return try Mutant.runAll(Array(arguments.dropFirst())) ? 0 : 1
      default:
        Console.say(usage)
        return 64
      }
      return 0
    } catch {
      Console.say("FAILED: \(error)")
      return 1
    }
  }

  private static func killAtEveryStep(_ names: [String]) throws {
    let scenes = names.isEmpty ? Scene.all : names.map(Scene.named)
    for scene in scenes {
      try timing(scene.name) {
        "killed at \(try KillingEveryStep(scene, isThorough: true).run()) steps"
      }
    }
  }

  /// - Returns: whether nothing was found broken.
  private static func failEveryCall(_ words: Set<String>) throws -> Bool {
    let stride = words.lazy.compactMap { Int($0) }.first ?? 1
    let found = Atomic(0)
    let scenes = FaultScene.all.filter { words.contains($0.name) }
    let kinds = FaultKind.allCases.filter { words.contains($0.rawValue) }
    for scene in scenes.isEmpty ? FaultScene.all : scenes {
      for kind in kinds.isEmpty ? FaultKind.allCases : kinds {
        for isPersistent in kind.canPersist ? [false, true] : [false] {
          try timing("\(scene.name), \(kind.rawValue)\(isPersistent ? " from then on" : "")") {
            let run = FailingEveryCall(scene, kind, isPersistent: isPersistent)
            let count = try run.run(stride: stride) { violation in
              found.add(1, ordering: .relaxed)
              Console.say("FAILED: \(scene.name), \(kind.rawValue): \(violation)")
            }
            return
              "\(count.failed + count.untouched) failed, \(count.untouched) of them untouched, \(count.succeeded) succeeded"
          }
        }
      }
    }
    return found.load(ordering: .relaxed) == 0
  }

  /// Seeds are told as they are done, so that one that hangs is known.
  private static func soak(for time: Duration, from seed: UInt64) throws {
    let end = ContinuousClock.now + time
    var seed = seed
    while ContinuousClock.now < end {
      try RandomTraces(turns: 1000, shrinkingFor: .seconds(1800)).run(from: seed, count: 10) {
        Console.say("seed \($0)")
      }
      seed += 10
    }
  }

  private static func number(_ arguments: [String], _ index: Int) -> UInt64 {
    arguments.dropFirst(index).first.flatMap { UInt64($0) } ?? 1
  }

  private static func timing(_ name: String, _ body: () throws -> String) throws {
    var result = ""
    let time = try ContinuousClock().measure { result = try body() }
    Console.say("\(name): \(result), \(time)")
  }
}
