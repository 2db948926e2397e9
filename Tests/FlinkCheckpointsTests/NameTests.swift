// SPDX-License-Identifier: Apache-2.0

import Checkpoints
import Testing

@testable import FlinkCheckpoints
@testable import FlinkMetadata

@Suite struct NameTests {
  @Test(
    "a name of any characters is one component of a path",
    arguments: [
      ("plain", "plain"), ("a/b", "a%2Fb"), ("100%", "100%25"), ("a\u{0}b\n", "a%00b%0A"),
      (".", "%2E"), ("..", "%2E."), ("Süß 😀", "Süß 😀"), ("\r\n", "%0D%0A"),
    ])
  func escaping(name: String, expected: String) {
    #expect(EscapedName(name).description == expected)
  }

  @Test("a long name is cut at a character, and says so")
  func cutting() {
    let name = EscapedName(String(repeating: "ü", count: 300))
    #expect(name.isCut)
    #expect(name.description.utf8.count == EscapedName.maximumLength)
  }

  @Test("operators of one name are told apart by their ids, in any order")
  func repetition() {
    let first = OperatorID(high: 1, low: 2)
    let second = OperatorID(high: 3, low: 4)
    let third = OperatorID(high: 5, low: 6)
    let names = [("map", first), ("sink", third), ("map", second)]
    let links = Dictionary(
      uniqueKeysWithValues: OperatorLinks(names).links.map { ($0.id, $0.name) })
    #expect(links[first] == "map~\(first)")
    #expect(links[second] == "map~\(second)")
    #expect(links[third] == "sink")
    #expect(
      Set(OperatorLinks(names.reversed()).links.map(\.name)) == Set(links.values))
    let long = String(repeating: "x", count: 500)
    for (name, _) in OperatorLinks([(long, first), (long + "y", second)]).links {
      #expect(name.utf8.count <= 255)
    }
  }

  @Test("jobs are called as their directories, where a mount allows it and they differ")
  func histories() {
    let names = HistoryNames([
      ("a/job", "job"), ("b/job", "job"), ("c", "c"), ("my job", "my job"), ("latest", "latest"),
    ])
    #expect(names["c"]?.rawValue == "c")
    #expect(names["a/job"]?.rawValue.hasPrefix("job-") == true)
    #expect(names["a/job"] != names["b/job"])
    #expect(names["my job"]?.rawValue.hasPrefix("job_my_job-") == true)
    #expect(names["latest"]?.rawValue.hasPrefix("job_latest-") == true)
  }
}
