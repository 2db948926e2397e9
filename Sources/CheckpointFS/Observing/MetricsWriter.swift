// SPDX-License-Identifier: Apache-2.0

/// Writes metrics in Prometheus's text format 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/ has the format, and
/// https://prometheus.io/docs/practices/naming/ the rules for names. Units are base units: seconds and bytes.
package struct MetricsWriter {
  /// One value of a metric, told from the others by its labels.
  package struct Sample {
    let labels: KeyValuePairs<String, String>
    let value: Double

    package init(_ labels: KeyValuePairs<String, String> = [:], _ value: Double) {
      self.labels = labels
      self.value = value
    }

    package init(_ labels: KeyValuePairs<String, String> = [:], _ value: some BinaryInteger) {
      self.init(labels, Double(value))
    }
  }

  /// What was observed under one set of labels.
  package struct Distribution {
    let labels: KeyValuePairs<String, String>
    /// Ascending; the range above the last has no bound.
    let bounds: [Double]
    /// How many lie in each range: one more than there are bounds.
    let counts: [UInt64]
    let sum: Double

    package init(
      _ labels: KeyValuePairs<String, String> = [:], bounds: [Double], counts: [UInt64], sum: Double
    ) {
      precondition(counts.count == bounds.count + 1, "each range has a count")
      self.labels = labels
      self.bounds = bounds
      self.counts = counts
      self.sum = sum
    }
  }

  package private(set) var text = ""
  private var names: Set<String> = []

  package init() {}

  /// What only grows until the process ends.
  ///
  /// - Precondition: the name ends in `_total`.
  package mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
    precondition(name.hasSuffix("_total"), "a counter is called …_total, not \(name)")
    begin(name, "counter", help)
    for sample in samples { add(name, sample.labels, sample.value) }
  }

  /// What may grow and shrink.
  package mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
    precondition(
      !["_total", "_count", "_sum", "_bucket"].contains { name.hasSuffix($0) },
      "the end of \(name) says that it is no gauge")
    begin(name, "gauge", help)
    for sample in samples { add(name, sample.labels, sample.value) }
  }

  package mutating func histogram(
    _ name: String, _ help: String, _ distributions: [Distribution]
  ) {
    begin(name, "histogram", help)
    for distribution in distributions {
      var count: UInt64 = 0
      for (bound, more) in zip(distribution.bounds + [.infinity], distribution.counts) {
        count += more
        add(name + "_bucket", distribution.labels, bound: bound, Double(count))
      }
      add(name + "_sum", distribution.labels, distribution.sum)
      add(name + "_count", distribution.labels, Double(count))
    }
  }

  private mutating func begin(_ name: String, _ type: String, _ help: String) {
    precondition(Self.isName(name), "'\(name)' is no name for a metric")
    precondition(names.insert(name).inserted, "\(name) is written once, with all its samples")
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
  }

  private mutating func add(
    _ name: String, _ labels: KeyValuePairs<String, String>, bound: Double? = nil, _ value: Double
  ) {
    var pairs = labels.map { label, value in
      precondition(
        Self.isName(label) && !label.contains(":") && !label.hasPrefix("__") && label != "le",
        "'\(label)' is no name for a label")
      return "\(label)=\"\(Self.escaped(value, quotes: true))\""
    }
    if let bound { pairs.append("le=\"\(Self.number(bound))\"") }
    let list = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    text += "\(name)\(list) \(Self.number(value))\n"
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: ":"): true
      default: false
      }
    }
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whole numbers without a fraction, as far as a `Double` has them all.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    guard value.magnitude < 0x1p53, let whole = Int64(exactly: value) else { return "\(value)" }
    return "\(whole)"
  }
}
