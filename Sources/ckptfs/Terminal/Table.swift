// SPDX-License-Identifier: Apache-2.0

/// Rows in aligned columns, with a header.
struct Table {
  enum Alignment {
    case left
    case right
  }

  private let columns: [(title: String, alignment: Alignment)]
  private var rows: [[String]] = []

  init(_ columns: [(title: String, alignment: Alignment)]) {
    self.columns = columns
  }

  /// - Parameter cells: one for each column.
  mutating func add(_ cells: [String]) {
    rows.append(cells)
  }

  var lines: [String] {
    let all = [columns.map(\.title)] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = columns.indices.map { column in
        row[column].padded(to: widths[column], columns[column].alignment)
      }
      return cells.joined(separator: "  ").droppingTrailingSpaces
    }
  }
}

extension String {
  func padded(to width: Int, _ alignment: Table.Alignment) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return alignment == .left ? self + spaces : spaces + self
  }

  fileprivate var droppingTrailingSpaces: String {
    String(self[...(lastIndex { $0 != " " } ?? startIndex)])
  }
}
