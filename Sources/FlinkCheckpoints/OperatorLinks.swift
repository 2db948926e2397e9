// SPDX-License-Identifier: Apache-2.0

import FlinkMetadata

/// The names of links that lead to operators: by what users call them.
///
/// Names need not be unique and may be cut: then the operator's id is appended, for all of them, so that
/// none changes with the order of operators.
struct OperatorLinks {
  let links: [(name: String, id: OperatorID)]

  init(_ names: [(name: String, id: OperatorID)]) {
    let escaped = names.map { (name: EscapedName($0.name), id: $0.id) }
    let counts = Dictionary(escaped.map { ($0.name.description, 1) }, uniquingKeysWith: +)
    var links = escaped.map { name, id in
      let isPlain = counts[name.description] == 1 && !name.isCut
      return (name: isPlain ? name.description : "\(name)~\(id)", id: id)
    }
    // A name that is the suffixed form of another: seldom enough to give it its id alone.
    var seen: Set<String> = []
    for index in links.indices where !seen.insert(links[index].name).inserted {
      links[index].name = links[index].id.description
    }
    self.links = links
  }
}
