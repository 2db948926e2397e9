// SPDX-License-Identifier: Apache-2.0

extension Sequence<Int64> {
  /// The sum of sizes; the greatest number where that is too little, as sparse files can make it.
  package func sum() -> Int64 {
    reduce(0) { $0.addingSaturated($1) }
  }
}

extension FixedWidthInteger {
  /// The sum; the greatest number where that is too little.
  package func addingSaturated(_ other: Self) -> Self {
    let (total, overflow) = addingReportingOverflow(other)
    return overflow ? .max : total
  }
}
