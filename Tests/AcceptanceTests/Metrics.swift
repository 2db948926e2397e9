// SPDX-License-Identifier: Apache-2.0

/// What a mount's `metrics` said at one moment.
struct Metrics {
  /// By name and labels, as they are written.
  private let values: [String: Double]

  init(_ mount: Mount) throws {
    let lines = try mount.shell("cat $MNT/.ckptfs/metrics").split(separator: "\n")
    values = Dictionary(
      uniqueKeysWithValues: lines.filter { !$0.hasPrefix("#") }.compactMap { line in
        line.lastIndex(of: " ").flatMap { end in
          Double(line[end...].dropFirst()).map { (String(line[..<end]), $0) }
        }
      })
  }

  subscript(name: String) -> Double { values[name] ?? .nan }

  var names: [String] { Array(values.keys) }
}
