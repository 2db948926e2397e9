// SPDX-License-Identifier: Apache-2.0

extension Sequence<CheckpointReference> {
  /// All of them in words, three or more with consecutive numbers as one: "orders/chk-1 to chk-57, users/chk-3".
  public var inWords: String {
    var runs: [[CheckpointReference]] = []
    for reference in self {
      if let last = runs.last?.last, last.history == reference.history,
        last.number.rawValue + 1 == reference.number.rawValue
      {
        runs[runs.count - 1].append(reference)
      } else {
        runs.append([reference])
      }
    }
    return runs.map { run in
      run.count > 2
        ? "\(run[0]) to \(run[run.count - 1].number.directoryName)"
        : run.map(\.description).joined(separator: ", ")
    }.joined(separator: ", ")
  }
}
