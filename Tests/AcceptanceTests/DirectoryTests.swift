// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import RocksDB
import SystemPackage
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct DirectoryTests {
  private let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A checkpoint of one table.
  private func checkpoint(_ name: String) throws {
    let database = try bench.database("\(name)-db")
    try database.fill(0..<1000)
    try database.createCheckpoint(at: bench(name), flush: .always)
  }

  @Test("names are bytes: odd ones come through commit, listing, mount and restore as they are")
  func oddNames() throws {
    try checkpoint("cp")
    try bench.shell(
      """
      cd $AT/cp; mkdir -p $'sub\\ndir/deep er' empty
      for n in $'a\\nb' $'\\xff\\xfe' $'half \\xc3' 'with space' ' ' '-rf' '*' '"quoted"' "it's" 'back\\slash' \\
          '%0a' $'tab\\t' $'bell\\a' $'\\x7f' 'ünï' $'u\\xcc\\x88' $'sub\\ndir/x' $'sub\\ndir/deep er/y' \\
          "$(printf 'x%.0s' {1..255})" "$(printf '\\xfe%.0s' {1..255})" 'chk-1' 'latest' '.hidden' '...'; do
        printf 'content of %s' "$n" > "$n"
      done
      """)
    try bench.commit("cp", to: "orders")
    let list = "-mindepth 1 -printf '%P|%y\\0' | sort -z | sha256sum"
    try bench.withMount { mount in
      #expect(try mount.shell("diff -r $AT/cp $MNT/orders/chk-1").isEmpty)
      let same = try mount.shell(
        "(cd $AT/cp; find . \(list)); (cd $MNT/orders/chk-1; find . \(list)); find $MNT/orders/chk-1 | wc -l"
      ).split(separator: "\n")
      #expect(same.count == 3 && same.first == same.dropFirst().first)
      let names = try Set(directoryNames(mount("orders/chk-1")))
      #expect(names == (try Set(directoryNames(bench("cp")))))
      #expect(names.contains([0xff, 0xfe]) && names.contains(Array("a\nb".utf8)))
    }
    let shown = try bench.json(AnyEntryList.self, "ls", "orders/chk-1")
    let listed = Set(shown.entries.map(\.path.bytes) + shown.directories.map(\.bytes))
    for name in [
      [0xff, 0xfe], Array("a\nb".utf8), Array("sub\ndir/deep er/y".utf8), Array("empty".utf8),
    ]
      as [[UInt8]]
    {
      #expect(listed.contains(name))
    }
    // A line for each, whatever is in its name, and nothing that a terminal would act on.
    let lines = try bench.ckptfs("ls", "orders/chk-1").output
    #expect(lines.split(separator: "\n").count == listed.count + 1)
    #expect(lines.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a })
    try bench.ckptfs("restore", "orders/chk-1", bench("restored").string)
    #expect(try bench.shell("diff -r $AT/cp $AT/restored").isEmpty)
    #expect(try bench.check().clean)
  }

  @Test("inode numbers are the same after another mount, and after the catalog was made anew")
  func remount() throws {
    try checkpoint("cp")
    try bench.shell(
      "mkdir $AT/cp/sub; echo x > $AT/cp/sub/y; cp -r $AT/cp $AT/cp-2; echo z >> $AT/cp-2/sub/y")
    try bench.commit("cp", to: "orders")
    try bench.commit("cp-2", to: "orders", "--tag", "good")
    try bench.commit("cp-2", to: "sales")
    try bench.ckptfs("drop", "orders/chk-1")
    try bench.commit("cp", to: "orders")
    let look =
      "cd $MNT; find . -printf '%p %y %i %n %s %m %U %t %l\\n' | sort; ls -iR .ckptfs/checkpoints"
    let first = try bench.withMount { try $0.shell(look) }
    #expect(first.split(separator: "\n").count > 30)
    #expect(try bench.withMount { try $0.shell(look) } == first)
    try bench.shell("rm $STORE/catalog.sqlite*")
    try bench.ckptfs("fsck", "--rebuild-catalog")
    #expect(try bench.withMount { try $0.shell(look) } == first)
    // And numbers are not used again for others, also not after that.
    try bench.ckptfs("drop", "orders/chk-3", "--force", endingWith: 1)
    let inodes = "cd $MNT; find orders/chk-* -printf '%i\\n'"
    let before = try Set(bench.withMount { try $0.shell(inodes) }.split(separator: "\n"))
    try bench.commit("cp", to: "orders")
    try bench.withMount { mount in
      let new = try mount.shell("find $MNT/orders/chk-4 -not -name '*.sst' -printf '%i\\n'")
      #expect(new.split(separator: "\n").count > 4)
      #expect(before.isDisjoint(with: new.split(separator: "\n")))
    }
  }

  @Test("a directory of a thousand files lists all of them, from any position that was told")
  func manyFiles() throws {
    try checkpoint("cp")
    try bench.shell("cd $AT/cp; for n in $(seq 1000); do echo same > file-$n; done")
    let names = try Set(directoryNames(bench("cp")))
    try bench.commit("cp", to: "orders")
    try bench.withMount { mount in
      #expect(try mount.shell("ls -U $MNT/orders/chk-1 | wc -l") == "\(names.count - 2)")
      #expect(try mount.shell("ls -lU $MNT/orders/chk-1 | wc -l") == "\(names.count - 1)")
      #expect(
        try mount.shell("cat $MNT/orders/chk-1/file-* | sort | uniq -c").hasSuffix("1000 same"))
      let stream = try DirectoryStream(mount("orders/chk-1"))
      var all: [(name: [UInt8], after: Int)] = []
      while let name = stream.next() { all.append((name, stream.position)) }
      #expect(all.count == names.count && Set(all.map(\.name)) == names)
      for start in [0, 1, 499, 731, all.count - 2] {
        stream.seek(to: all[start].after)
        let rest = stream.rest()
        #expect(rest == all.dropFirst(start + 1).map(\.name), "from \(start)")
      }
    }
  }

  private struct AnyEntryList: Decodable {
    struct Entry: Decodable {
      let path: ListedPath
    }
    let entries: [Entry]
    let directories: [ListedPath]
  }

  private func directoryNames(_ path: FilePath) throws -> [[UInt8]] {
    try DirectoryStream(path).rest()
  }
}
