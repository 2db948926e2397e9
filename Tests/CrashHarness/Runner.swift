// SPDX-License-Identifier: Apache-2.0

/// The command that runs the harness by hand.
package enum Runner {
  private static let usage = """
    CrashRunner steps [SCENE…]   kill each operation at each step
    """

  /// - Returns: the exit status.
  package static func run(_ arguments: [String]) -> Int32 {
    do {
      switch arguments.first {
      case "steps"?: try killAtEveryStep(Array(arguments.dropFirst()))
      default:
        print(usage)
        return 64
      }
      return 0
    } catch {
      print("FAILED: \(error)")
      return 1
    }
  }

  private static func killAtEveryStep(_ names: [String]) throws {
    let scenes = names.isEmpty ? Scene.all : names.map(Scene.named)
    for scene in scenes {
      let clock = ContinuousClock()
      var count = 0
      let time = try clock.measure { count = try KillingEveryStep(scene).run() }
      print("\(scene.name): killed at \(count) steps, \(time)")
    }
  }
}
