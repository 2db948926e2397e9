// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport
import Testing

extension MountedCheckpointTests {
  @Test("a table or blob file is one inode in all checkpoints that have it, and counts them")
  func sharedInodes() throws {
    var places: [String: [FileStatus]] = [:]
    for number in 1...3 {
      for name in try mount("orders/chk-\(number)").names where isTable(name) {
        places[name, default: []].append(try mount("orders/chk-\(number)/\(name)").status)
      }
    }
    let shared = places.values.filter { $0.count > 1 }
    #expect(shared.count >= 4, "the checkpoints must have files in common")
    #expect(places.values.contains { $0.count == 1 })
    for (name, statuses) in places {
      #expect(Set(statuses.map(\.inode)).count == 1, "\(name)")
      #expect(statuses.allSatisfy { $0.links == statuses.count }, "\(name)")
    }
    let inodes = places.values.map { $0[0].inode }
    #expect(Set(inodes).count == inodes.count)
  }

  @Test("what a database changes has an inode of its own in each checkpoint, also with equal bytes")
  func ownInodes() throws {
    var statuses: [FileStatus] = []
    var contents: Set<[UInt8]> = []
    for number in 1...3 {
      for name in try mount("orders/chk-\(number)").names where !isTable(name) {
        let file = mount("orders/chk-\(number)/\(name)")
        statuses.append(try file.status)
        contents.insert(try file.read())
      }
    }
    #expect(contents.count < statuses.count, "some of these must have equal bytes")
    #expect(statuses.allSatisfy { $0.links == 1 })
    #expect(Set(statuses.map(\.inode)).count == statuses.count)
  }

  @Test("each content is stored once, and counted by the entries that have it")
  func storedOnce() throws {
    var contents: [String: (size: Int, entries: Int, counted: Set<Int>)] = [:]
    let names = try bench.json(HistoryList.self, "ls").histories.flatMap { history in
      history.checkpoints.map { "\(history.name)/chk-\($0.number)" }
    }
    for name in names {
      for entry in try bench.entries(name) {
        let known = contents[entry.digest]
        contents[entry.digest] = (
          entry.size, (known?.entries ?? 0) + 1, (known?.counted ?? []).union([entry.references])
        )
      }
    }
    for (digest, content) in contents {
      #expect(content.counted == [content.entries], "of \(digest)")
    }
    let bytes = contents.values.reduce(0) { $0 + $1.size }
    let statistics = try bench.statistics()
    #expect(statistics.blobs == contents.count && statistics.blobBytes == bytes)
    #expect(statistics.unreferencedBlobs == 0)
    // Beside these there are the pages, which tell what is in a checkpoint.
    let files = try bench.shell(
      "cd $STORE/blobs; grep -rLa '^ckptfs page' . | xargs stat -c '%n %s' | sed 's,.*/,,; s/-[0-9]*//'"
    )
    #expect(
      Set(files.split(separator: "\n").map(String.init))
        == Set(contents.map { "\($0.key) \($0.value.size)" }))
    #expect(files.split(separator: "\n").count == contents.count)
  }

  @Test("du counts a shared file once, find finds it by its links")
  func tools() throws {
    let sizes = try mount.shell(
      """
      cd $MNT/orders
      du -cbs chk-1 chk-2 chk-3 | tail -1 | cut -f1
      for n in 1 2 3; do du -bs chk-$n | cut -f1; done
      du -cs --block-size=512 chk-1 chk-2 chk-3 | tail -1 | cut -f1
      """
    ).split(separator: "\n").compactMap { Int($0) }
    let files = try Set(
      mount.shell("find $MNT/orders -type f -printf '%i %s %b\\n'").split(separator: "\n"))
    let each = files.map { $0.split(separator: " ").compactMap { Int($0) } }
    try #require(sizes.count == 5 && each.allSatisfy { $0.count == 3 })
    #expect(sizes[0] == each.reduce(0) { $0 + $1[1] })
    #expect(sizes[4] == each.reduce(0) { $0 + $1[2] })
    let listed = try bench.checkpoints(of: "orders")
    #expect(Array(sizes[1...3]) == listed.map(\.fullBytes))
    #expect(sizes[0] < sizes[1...3].reduce(0, +))

    let inAll = try mount.shell("cd $MNT/orders/chk-1; find . -type f -links 3 | sort")
    let expected = try mount.shell(
      "cd $MNT/orders; comm -12 <(ls chk-1) <(ls chk-2) | comm -12 - <(ls chk-3) "
        + "| grep -E '[.](sst|blob)$' | sed 's,^,./,' | sort")
    #expect(!inAll.isEmpty && inAll == expected)
  }

  private func isTable(_ name: String) -> Bool { name.hasSuffix(".sst") || name.hasSuffix(".blob") }
}
