// SPDX-License-Identifier: Apache-2.0

extension Sequence<Int64> {
  /// The sum of sizes; the greatest number where that is too little, as sparse files can make it.
  package func sum() -> Int64 {
    reduce(0) { sum, size in
      let (total, overflow) = sum.addingReportingOverflow(size)
      return overflow ? .max : total
    }
  }
}
