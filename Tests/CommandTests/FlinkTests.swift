// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// What commands make of `flink:DIR`, with checkpoints that a real job wrote.
@Suite("flink:DIR") struct FlinkTests {
  static let fixtures = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .appending("FlinkCheckpointsTests/Fixtures")

  /// A copy of a job's directories, a store and a mount point.
  private struct Place {
    static let job = "d545d28930bb427dfbd3ce348a0ab270"
    static let subtask = "eb62da86593154933fe4085e2e81db2d/0"

    let scratch: ScratchDirectory
    var path: FilePath { scratch.path }
    var data: FilePath { path.appending("data") }
    var store: FilePath { path.appending("store") }
    var checkpoint: String { "flink:\(data)/checkpoints/\(Self.job)/chk-2" }

    init(sample: String = "flink-2.3.0-inline") throws {
      scratch = try ScratchDirectory()
      _ = try scratch.directory("mnt")
      let copied = try Program.shell(
        "cp -r '\(FlinkTests.fixtures)/\(sample)/data' data && chmod -R u+w data", in: path)
      try #require(copied.status == 0, "\(copied)")
    }

    func run(_ arguments: String...) throws -> Outcome {
      try Program.run(arguments, store: store, in: path)
    }
  }

  private struct Histories: Decodable {
    struct History: Decodable {
      let name: String
      let checkpoints: [Checkpoint]
    }

    struct Checkpoint: Decodable {
      let number: Int64
      let files: Int64
      let fullBytes: Int64
    }

    let histories: [History]
  }

  @Test("ls lists jobs as histories, and the files of a checkpoint")
  func listing() throws {
    let place = try Place()
    let all = try place.run("ls", "flink:\(place.data)", "--json").decoded(as: Histories.self)
    #expect(all.histories.map(\.name) == [Place.job])
    #expect(all.histories.flatMap(\.checkpoints).map(\.number) == [2])
    let relative = try place.run("ls", "flink:data/checkpoints/\(Place.job)")
    #expect(relative.output.contains("chk-2"), "\(relative)")
    let lines = relative.output.split(separator: "\n")
    #expect(
      lines.first == "\(Place.job):", "whoever names a directory above it learns the job's name")
    #expect(lines[1].hasSuffix("UNIQUE"), "Flink has no tags")
    let files = try place.run("ls", place.checkpoint)
    #expect(files.output.contains("\(Place.subtask)/CURRENT"), "\(files)")
    let json = try place.run("ls", place.checkpoint, "--json")
    #expect(!json.output.contains("digest"), "nobody has read the bytes to hash them")
  }

  @Test("show tells operators, states and sizes")
  func showing() throws {
    let place = try Place()
    for name in [place.checkpoint, "flink:data/checkpoints/\(Place.job)/latest", "flink:data"] {
      let shown = try place.run("show", name)
      #expect(shown.status == 0 && shown.errors.isEmpty, "\(shown)")
      #expect(shown.output.contains("User profile, uid profile-op"))
      #expect(shown.output.contains("states: count, per-item, recent"))
      #expect(shown.output.contains("0-63"))
    }
    let absent = try place.run("show", "flink:data/checkpoints/\(Place.job)/chk-9", "--json")
    #expect(absent.status == 3, "\(absent)")
    #expect(try place.run("ls", "flink:nowhere").status == 3)
  }

  @Test("show begins with the operator that has most state, and tells which have none")
  func order() throws {
    let place = try Place(sample: "flink-2.3.0-operator-state")
    let shown = try place.run("show", "flink:data/checkpoints/10414aa989687b9fd7bdd117c5ea2228")
    let operators = shown.output.split(separator: "\n").filter { $0.hasPrefix("operator") }
    #expect(operators.first?.hasSuffix("uid enrich-op") == true, "\(shown)")
    #expect(operators.dropFirst().first?.hasSuffix("uid window-op") == true, "\(shown)")
    #expect(shown.output.contains("uid sink\n  parallelism 2 of 128, no state\n"), "\(shown)")
  }

  @Test("where one checkpoint is meant and several jobs are named, they are listed")
  func several() throws {
    let place = try Place(sample: "flink-2.3.0-operator-state")
    let wrong = try place.run("show", "flink:data")
    #expect(wrong.status == 64, "\(wrong)")
    #expect(
      wrong.errors.contains("10414aa989687b9fd7bdd117c5ea2228, savepoint-10414a-"), "\(wrong)")
  }

  @Test("a directory without a checkpoint is not called clean")
  func nothing() throws {
    let place = try Place()
    let checked = try place.run("fsck", "flink:data/checkpoints/\(Place.job)/shared", "--json")
    #expect(checked.status == 3 && checked.errors.contains("noSuchCheckpoint"), "\(checked)")
    let listed = try place.run(
      "unreferenced", "flink:data/checkpoints/\(Place.job)/shared", "--min-age", "0s")
    #expect(listed.status == 2, "what lists all of them is no list to go by: \(listed)")
    #expect(listed.output.contains("no completed checkpoint below"), "\(listed)")
  }

  @Test("names that a terminal would obey are not printed as they are")
  func controlCharacters() throws {
    let place = try Place()
    let made = try Program.shell(
      "touch -d '2 hours ago' data/checkpoints/\(Place.job)/shared/$'a\\e[31mb\\nc'", in: place.path
    )
    try #require(made.status == 0, "\(made)")
    let listed = try place.run("unreferenced", "flink:data")
    #expect(listed.output.contains("a%1b[31mb%0ac\n"), "\(listed)")
  }

  @Test("diff tells what differs by place or bytes")
  func difference() throws {
    let place = try Place()
    let same = try place.run("diff", place.checkpoint, place.checkpoint)
    #expect(
      same.status == 0 && same.output.contains("=") && !same.output.contains("\n!"), "\(same)")
    #expect(!same.output.contains("by-name") && !same.output.contains("metadata.json"), "\(same)")
    let mixed = try place.run("diff", "orders/chk-1", place.checkpoint)
    #expect(mixed.status == 64, "\(mixed)")
  }

  private struct Problems: Decodable {
    struct Problem: Decodable {
      let kind: String
      let path: String
      let checkpoints: [String]
      let paths: [String]?
    }

    let clean: Bool
    let problems: [Problem]
    let notices: [Problem]
  }

  @Test("fsck finds files that are missing, and ends with status 2")
  func checking() throws {
    let place = try Place()
    let clean = try place.run("fsck", "flink:data", "--json")
    #expect(clean.status == 0, "\(clean)")
    #expect(try clean.decoded(as: Problems.self).clean)
    let removed = try Program.shell("rm data/checkpoints/*/shared/*", in: place.path)
    try #require(removed.status == 0, "\(removed)")
    let damaged = try place.run("fsck", "flink:data", "--json")
    #expect(damaged.status == 2, "\(damaged)")
    let problems = try damaged.decoded(as: Problems.self).problems
    #expect(Set(problems.map(\.kind)) == ["missing"])
    #expect(problems.first?.checkpoints.first?.hasPrefix("\(Place.job)/chk-2/") == true)
    #expect(try place.run("fsck", "flink:data", "--repair").status == 64)
  }

  @Test("fsck tells of files that are taken from outside the directory, and calls that clean")
  func checkingOutside() throws {
    let place = try Place()
    let moved = try Program.shell(
      "mv data/checkpoints/*/shared aside && ln -s $PWD/aside data/checkpoints/\(Place.job)/shared",
      in: place.path)
    try #require(moved.status == 0, "\(moved)")
    let checked = try place.run("fsck", "flink:data", "--json")
    #expect(checked.status == 0, "\(checked)")
    let report = try checked.decoded(as: Problems.self)
    #expect(report.clean && report.problems.isEmpty)
    let notice = try #require(report.notices.first)
    #expect(report.notices.count == 1 && notice.kind == "outside", "\(checked)")
    let names = try place.path.appending("aside").names
    #expect(
      notice.paths?.map { FilePath($0).lastComponent?.string } == names && !names.isEmpty,
      "\(checked)")
    let text = try place.run("fsck", "flink:data").output
    #expect(text.contains("outside: ") && text.contains("a copy of the directory lacks"), "\(text)")
  }

  @Test("a file that many checkpoints miss is one problem")
  func missingForMany() throws {
    let place = try Place(sample: "flink-2.3.0-operator-state")
    let checked = try place.run("fsck", "flink:data/checkpoints", "--json")
    #expect(checked.status == 2, "the fixtures leave larger files out")
    let problems = try checked.decoded(as: Problems.self).problems
    #expect(Set(problems.map(\.path)).count == problems.count)
    #expect(problems.contains { Set($0.checkpoints).count > 2 }, "\(checked)")
    let text = try place.run("fsck", "flink:data/checkpoints").output
    #expect(text.contains(" more\n"), "\(text)")
    #expect(text.hasSuffix("found \(problems.count) problems\n"), "\(text)")
  }

  @Test("unreferenced lists files by age, and does not say that they may go")
  func unreferenced() throws {
    let place = try Place()
    let made = try Program.shell(
      "touch -d '2 hours ago' data/checkpoints/\(Place.job)/shared/left",
      in: place.path)
    try #require(made.status == 0, "\(made)")
    let listed = try place.run("unreferenced", "flink:data", "--min-age", "1h")
    #expect(listed.output.contains("/shared/left") && listed.output.contains("1 file"), "\(listed)")
    #expect(listed.output.contains("may use them"))
    let younger = try place.run("unreferenced", "flink:data", "--min-age", "3h")
    #expect(younger.output.contains("0 files"), "\(younger)")
    #expect(try place.run("unreferenced", "data").status == 64)
  }

  @Test("unreferenced ends with 2 where a checkpoint cannot be read whose files it lists, too")
  func unreferencedBesideDamage() throws {
    let place = try Place()
    let made = try Program.shell(
      """
      touch -d '2 hours ago' data/checkpoints/\(Place.job)/shared/left
      truncate -s 9 data/checkpoints/\(Place.job)/chk-2/_metadata
      """, in: place.path)
    try #require(made.status == 0, "\(made)")
    let listed = try place.run("unreferenced", "flink:data", "--min-age", "1h")
    #expect(listed.status == 2, "\(listed)")
    #expect(listed.output.contains("/shared/left"), "\(listed)")
    #expect(listed.output.contains("what only this checkpoint uses is listed, too"), "\(listed)")
  }

  @Test("import makes a checkpoint self-contained, once")
  func importing() throws {
    let place = try Place()
    #expect(try place.run("init").status == 0)
    let first = try place.run("import", place.checkpoint, "--history", "orders", "--json")
    #expect(first.status == 0 && first.output.contains("\"existing\":false"), "\(first)")
    let again = try place.run("import", place.checkpoint, "--history", "orders", "--json")
    #expect(again.status == 0 && again.output.contains("\"existing\":true"), "\(again)")
    let removed = try Program.shell("rm -r data", in: place.path)
    try #require(removed.status == 0, "\(removed)")
    let restored = try place.run("restore", "orders/chk-2", "restored")
    #expect(restored.status == 0, "\(restored)")
    let names = try place.path.appending("restored/\(Place.subtask)").names
    #expect(names.contains("CURRENT") && names.contains { $0.hasSuffix(".sst") }, "\(names)")
    #expect(try place.run("fsck", "--read-data").status == 0)
  }

  @Test("import of a checkpoint with a missing file keeps nothing")
  func incompleteImport() throws {
    let place = try Place()
    #expect(try place.run("init").status == 0)
    let removed = try Program.shell("rm data/checkpoints/*/shared/*", in: place.path)
    try #require(removed.status == 0, "\(removed)")
    let failed = try place.run("import", place.checkpoint, "--history", "orders")
    #expect(failed.status == 1 && failed.errors.contains("cannot be read"), "\(failed)")
    #expect(try place.run("ls", "--json").decoded(as: Histories.self).histories.isEmpty)
  }

  @Test("a wrong --map is told at once")
  func mapping() throws {
    let place = try Place()
    let wrong = try place.run("ls", "flink:data", "--map", "nonsense")
    #expect(wrong.status == 64 && wrong.errors.contains("OLD=NEW"), "\(wrong)")
  }

  @Test(
    "a directory that one may not look into hides no other",
    .enabled(if: User.canChange, "root alone"))
  func forbidden() throws {
    let place = try Place()
    let made = try Program.shell(
      "mkdir data/secret && chmod 700 data/secret && chmod -R o+rX data/checkpoints .",
      in: place.path)
    try #require(made.status == 0, "\(made)")
    let script = "chmod 700 data/secret; setpriv --reuid=65534 --regid=65534 --clear-groups $CKPTFS"
    let listed = try Program.shell("\(script) ls flink:data", in: place.path)
    #expect(listed.status == 0 && listed.output.contains("chk-2"), "\(listed)")
    #expect(listed.output.contains("secret': Permission denied"), "\(listed)")
    let checked = try Program.shell("\(script) fsck flink:data", in: place.path)
    #expect(checked.status == 2 && checked.output.contains("secret"), "\(checked)")
  }

  @Test(
    "a directory that is put in the place of the mounted one is not taken for it: no mirror is emptied",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"),
    .timeLimit(.minutes(60)))
  func replaced() throws {
    let place = try Place()
    let outcome = try Program.shell(
      """
      set -e
      until_() { for i in $(seq 200); do eval "$1" >/dev/null 2>&1 && return; sleep 0.05; done; echo "never: $1"; }
      $CKPTFS mount flink:data mnt >/dev/null
      trap 'umount -l mnt' EXIT
      cp -a mnt mirror; ls mirror
      mv data aside; mkdir data
      until_ '! ls mnt/*'
      for look in $(seq 20); do ls mnt 2>/dev/null || true; done
      rsync -a --delete mnt/ mirror >/dev/null 2>&1 || ls mirror
      grep -o 'it is shown again when it is back' mnt/.ckptfs/status.json | sort -u
      rmdir data; mv aside data
      until_ 'ls mnt/*/latest/'
      ls mnt
      """, store: place.store, in: place.path)
    #expect(
      outcome.output
        == "\(Place.job)\n\(Place.job)\nit is shown again when it is back\n\(Place.job)\n",
      "\(outcome)")
  }

  static let canBind =
    (try? Program.shell(
      "d=$(mktemp -d) && mount --bind $d $d && umount $d && rmdir $d"))?.status == 0

  @Test(
    "whatever is done with a job, its directory stays as it is, also where it cannot be written to",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"),
    .enabled(if: canBind, "nothing can be bind-mounted here: root can"),
    .timeLimit(.minutes(60)), arguments: [true, false])
  func unchanged(isReadOnly: Bool) throws {
    let place = try Place()
    let script = """
      set -e
      tree() { find data -printf '%p %y %s %m %u %g %n %i %T@ %C@\\n' | sort
               find data -type f -exec sha256sum {} + | sort; }
      trap 'umount -l mnt 2>/dev/null || true; umount -l data 2>/dev/null || true' EXIT
      mkdir out && $CKPTFS init >out/init
      cp -r '\(Self.fixtures)/flink-2.3.0-operator-state/data/savepoints/native' data/
      tree >before
      if \(isReadOnly); then
        mount --bind data data && mount -o remount,ro,bind data
        ! touch data/x 2>/dev/null
      fi
      job=flink:data/checkpoints/\(Place.job)
      $CKPTFS ls flink:data >out/ls
      $CKPTFS ls $job/chk-2 >out/files
      $CKPTFS show $job/latest >out/show
      $CKPTFS diff $job/chk-2 $job/latest >out/diff
      $CKPTFS fsck flink:data >out/fsck
      $CKPTFS unreferenced flink:data --min-age 0s >out/unreferenced
      for mode in copy link auto; do
        $CKPTFS import $job --history $mode --ingest $mode >out/import-$mode
        $CKPTFS import flink:data/native/savepoint-10414a-6222aadddde6 --history savepoint-$mode \
          --ingest $mode >out/import-savepoint-$mode
      done
      $CKPTFS gc >out/gc
      $CKPTFS drop auto/chk-2 --force >out/drop || true
      $CKPTFS mount flink:data mnt
      cd mnt/\(Place.job)
      test "$(readlink latest)" = chk-2
      cmp latest/_metadata ../../data/checkpoints/\(Place.job)/chk-2/_metadata
      test "$(stat -c %h latest/\(Place.subtask)/OPTIONS-*)" = 1
      test "$(cat "latest/by-name/User profile/0/CURRENT")" = "$(cat latest/\(Place.subtask)/CURRENT)"
      cp -a latest/. ../../copy
      diff -r --no-dereference latest/. ../../copy
      test ! -s ../.ckptfs/missing
      cat ../.ckptfs/unreferenced ../.ckptfs/status.json >../../out/control
      for try in 'touch latest/x' 'rm latest/_metadata' 'mkdir y' 'chmod 777 latest'; do
        ! $try 2>/dev/null
      done
      cd ../..
      $CKPTFS umount mnt
      # The kernel may let go of what a process had open a moment after its end, on a busy machine.
      if \(isReadOnly); then umount --lazy data; fi
      trap - EXIT
      tree >after
      cmp before after
      """
    let outcome = try Program.shell(script, store: place.store, in: place.path)
    #expect(outcome.status == 0, "\(outcome)")
  }
}

private enum User {
  /// Whether this process may be another user.
  static let canChange =
    (try? Program.shell("setpriv --reuid=65534 --regid=65534 --clear-groups true"))?.status == 0
}
