// SPDX-License-Identifier: Apache-2.0

import LinuxFiles
import SystemPackage
import TestSupport
import Testing

@Suite("Commands that look for damage and undo it", .timeLimit(.minutes(60)))
struct RepairingTests {
  /// What `verify --json` answers, as far as it is looked at.
  private struct Verified: Decodable {
    struct Checkpoint: Decodable {
      struct Database: Decodable {
        struct Damage: Decodable {
          let file: String
        }

        let path: String
        let tables: Int
        let damage: [Damage]
      }

      let checkpoint: String
      let outcome: String
      let databases: [Database]
    }

    let outcome: String
    let checkpoints: [Checkpoint]
  }

  private struct Reading: Decodable {
    struct Details: Decodable {
      let complete: Bool
      let earlierBytes: Int
      let readBytes: Int
      let totalBytes: Int
      let resumed: String?
    }

    let clean: Bool
    let reading: Details
  }

  /// Rots the first table of `cp-1` in the store, in a file of its own and with the time that it had.
  private let rot = """
    table=$(basename $(ls cp-1/*.sst | head -1))
    blob=$(echo store/blobs/*/$(sha256sum < cp-1/$table | cut -c-64)-*)
    cp -p $blob sound; rm $blob; cp -p sound $blob
    printf rotten | dd of=$blob conv=notrunc seek=100 bs=1 status=none; touch -r sound $blob

    """

  private func script(_ sample: Sample, _ text: String) throws -> Outcome {
    try Program.shell(
      "set -e; trap 'umount -l mnt 2>/dev/null || :' EXIT; " + text, store: sample.store,
      in: sample.path)
  }

  @Test(
    "a mount refuses exactly the file that fsck moved to quarantine, and shows it again once it was fetched",
    .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"))
  func mounted() throws {
    let sample = try Sample()
    let outcome = try script(
      sample,
      rot + """
        "$CKPTFS" mount store mnt >/dev/null
        "$CKPTFS" fsck --read-data --repair >found && exit 1 || test $? = 2
        grep -c "^quarantined-blob: quarantine/.*needed by orders/chk-1, orders/chk-2$" found
        for checkpoint in chk-1 chk-2; do
          timeout 20 bash -c "while cat mnt/orders/$checkpoint/$table >/dev/null 2>&1; do :; done"
          ! cat mnt/orders/$checkpoint/$table 2>refusal >/dev/null; grep -c "Input/output error" refusal
        done
        diff -r -x $table cp-1 mnt/orders/chk-1
        ls store/quarantine | wc -l
        "$CKPTFS" gc >/dev/null; ls store/quarantine | wc -l
        "$CKPTFS" fsck >again && exit 1 || test $? = 2
        grep -c "^quarantined-blob: " again
        mkdir other; cp cp-1/$table other/another-name
        "$CKPTFS" fsck --repair --source mnt --source other | tee log | grep -c "fetched from .*/other/another-name"
        tail -1 log
        timeout 20 bash -c "until cat mnt/orders/chk-2/$table >/dev/null 2>&1; do :; done"
        diff -r cp-1 mnt/orders/chk-1; diff -r cp-2 mnt/orders/chk-2
        "$CKPTFS" gc >/dev/null; ls store/quarantine | wc -l
        "$CKPTFS" fsck --read-data
        """)
    #expect(outcome.output == "1\n1\n1\n1\n1\n1\n1\nclean\n0\nclean\n", "\(outcome)")
  }

  @Test("another store is a source, also where its catalog is lost")
  func fromStore() throws {
    let sample = try Sample()
    let outcome = try script(
      sample,
      """
      cp -a store other; rm other/catalog.sqlite*
      """ + "\n" + rot + """
        "$CKPTFS" fsck --read-data --repair --source other | tail -1
        "$CKPTFS" fsck --read-data; "$CKPTFS" gc >/dev/null
        rm store/catalog.sqlite*; rm $(find store/blobs -size +2k -type f)
        "$CKPTFS" fsck --rebuild-catalog >log && exit 1 || test $? = 2
        "$CKPTFS" fsck --repair --source other | tail -1
        "$CKPTFS" restore orders/chk-1 back >/dev/null; diff -r cp-1 back
        """)
    #expect(outcome.output == "clean\nclean\nclean\n", "\(outcome)")
  }

  @Test("a rebuilt catalog names every checkpoint that lacks a file, and the file once")
  func lostToSeveral() throws {
    let sample = try Sample()
    try sample.succeed("commit", sample.first.string, "--history", "orders")
    try FileSystemCalls.unlink(blob(of: sample))
    _ = try Program.shell("rm store/catalog.sqlite*", in: sample.path)
    let outcome = try sample.run("fsck", "--rebuild-catalog", "--json")
    let problems = try outcome.decoded(as: CheckAnswer.self).problems
    #expect(outcome.status == 2 && problems.count == 1 && problems[0].kind == "missing-blob")
    #expect(
      problems.first?.checkpoints == ["orders/chk-1", "orders/chk-2", "orders/chk-3"], "\(outcome)")
    #expect(problems.first?.detail.hasPrefix("the content of '") == true)
    let again = try sample.run("fsck", "--json").decoded(as: CheckAnswer.self).problems
    #expect(again.map(\.path) == problems.map(\.path))
    #expect(again.first?.checkpoints == problems.first?.checkpoints)
  }

  /// The store's file with the content of the first file of that name.
  private func blob(
    of sample: Sample, _ pattern: String = "*.sst", in directory: String = "cp-1"
  ) throws -> FilePath {
    let found = try script(
      sample,
      "echo store/blobs/*/$(sha256sum < $(ls \(directory)/\(pattern) | head -1) | cut -c-64)-*")
    return sample.path.appending(String(found.output.dropLast()))
  }

  @Test("a disk that does not answer for a file is damage of that file", arguments: [true, false])
  func brokenDisk(readsData: Bool) throws {
    let sample = try Sample()
    let file = try FailingFile(
      blob(of: sample), readsData ? .read : .look, .ioError, scratch: sample.path)
    let outcome = try Program.run(
      ["fsck"] + (readsData ? ["--read-data"] : []), store: sample.store, failing: file)
    #expect(outcome.status == 2 && outcome.errors.isEmpty, "\(outcome)")
    let line = outcome.output.split(separator: "\n")[0]
    #expect(line.hasPrefix("unreadable-blob: blobs/") && line.contains(": Input/output error; "))
    #expect(line.hasSuffix("; needed by orders/chk-1, orders/chk-2"))
    #expect(try sample.run("fsck", "--read-data").status == 0)
  }

  @Test(
    "what fsck itself lacks is no damage, but why it fails",
    arguments: [Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory])
  func lacking(_ error: Errno) throws {
    let sample = try Sample()
    let file = try FailingFile(blob(of: sample), .openToRead, error, scratch: sample.path)
    let outcome = try Program.run(["fsck", "--read-data"], store: sample.store, failing: file)
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("\(error)") && outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("what was found before fsck cannot go on is told all the same, with status 2")
  func earlyEnd() throws {
    let sample = try Sample()
    #expect(try script(sample, rot).status == 0)
    let file = try FailingFile(
      sample.store.appending("manifests"), .openToRead, .tooManyOpenFiles, scratch: sample.path)
    let outcome = try Program.run(["fsck", "--read-data"], store: sample.store, failing: file)
    #expect(outcome.status == 2 && outcome.output.hasPrefix("corrupt-blob: "), "\(outcome)")
    #expect(outcome.output.hasSuffix("found 1 problem\n"))
    #expect(
      outcome.errors.contains("manifests/1") && outcome.errors.split(separator: "\n").count == 1)
    let json = try Program.run(["fsck", "--json"], store: sample.store, failing: file)
    #expect(json.status == 2 && json.output.hasPrefix("{") && json.errors.hasPrefix("{\"error\""))
  }

  @Test(
    "a catalog that cannot be opened for now is not replaced by one that may lack what it has",
    arguments: [Errno.tooManyOpenFiles, .ioError])
  func unreadCatalog(_ error: Errno) throws {
    let sample = try Sample()
    let manifests = sample.store.appending("manifests/1")
    let name = try #require(try manifests.names.first { $0.hasPrefix("chk-") })
    try FileSystemCalls.unlink(manifests.appending(name))
    let file = try FailingFile(
      sample.store.appending("catalog.sqlite"), .openToRead, error, scratch: sample.path)
    let outcome = try Program.run(
      ["fsck", "--rebuild-catalog"], store: sample.store, failing: file)
    #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("is not replaced"), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try !sample.store.names.contains { $0.hasPrefix("catalog.sqlite.re") })
    #expect(try Program.run(["fsck", "--repair"], store: sample.store).status == 0)
    #expect(try manifests.names.contains(name))
  }

  @Test("an interrupted fsck --read-data says how to go on, and the next run says that it does")
  func interrupted() throws {
    let sample = try Sample()
    // It stops where it begins to read; then the signal is there before the first byte.
    let outcome = try script(
      sample,
      """
      CKPTFS_STEPS=stop@note-reading env --default-signal=INT "$CKPTFS" fsck --read-data >out 2>err & reader=$!
      until grep -q '^State:.T' /proc/$reader/status; do :; done
      kill -INT $reader
      while kill -CONT $reader 2>/dev/null; do sleep 0.01; done
      wait $reader && exit 1 || echo $?
      cat out
      "$CKPTFS" fsck --read-data --jobs 1
      """)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4 && lines.first == "1" && lines.last == "clean", "\(outcome)")
    #expect(lines[1].hasPrefix("interrupted: 0 B of ") && lines[1].contains("goes on there"))
    #expect(lines[2].hasPrefix("went on with the reading that began at "))
    #expect(
      try sample.run("stats").output.contains("\nread          since 2"), "stats tell of it")
    let whole = try sample.run("fsck", "--read-data", "--json").decoded(as: Reading.self)
    #expect(whole.clean && whole.reading.complete && whole.reading.resumed == nil)
    #expect(whole.reading.readBytes == whole.reading.totalBytes && whole.reading.earlierBytes == 0)
  }

  @Test("verify opens checkpoints, names damaged files, and ends with status 2 for damage only")
  func verify() throws {
    let sample = try Sample()
    let sound = try sample.run("verify", "orders")
    #expect(sound.status == 0)
    #expect(
      sound.output.split(separator: "\n").map { $0.prefix(22) }
        == ["orders/chk-1: sound: 1", "orders/chk-2: sound: 2"], "\(sound)")
    #expect(
      try sample.run("verify", "--all", "--json").decoded(as: Verified.self).checkpoints.count == 2)
    // Harm that comes in with the file, so that its digest is right.
    let harmed = try script(
      sample,
      """
      table=$(basename $(ls cp-1/*.sst | head -1)); cp cp-1/$table copy; rm cp-1/$table
      printf rotten | dd of=copy conv=notrunc seek=100 bs=1 status=none; mv copy cp-1/$table
      "$CKPTFS" commit cp-1 --history bad >/dev/null; mkdir plain; echo x >plain/x
      "$CKPTFS" commit plain --history plain --unchecked >/dev/null; echo $table
      """)
    let table = harmed.output.dropLast()
    #expect(try sample.run("fsck", "--read-data").status == 0)
    let damaged = try sample.run("verify", "orders/latest", "bad/chk-1", "--json")
    let answer = try damaged.decoded(as: Verified.self)
    #expect(damaged.status == 2 && answer.outcome == "damaged")
    #expect(answer.checkpoints.map(\.outcome) == ["sound", "damaged"])
    #expect(answer.checkpoints[1].databases[0].damage.map(\.file) == [String(table)])
    let named = try sample.run("verify", "bad/latest")
    #expect(
      named.status == 2 && named.output.hasPrefix("bad/chk-1/\(table): damaged: "), "\(named)")
    let plain = try sample.run("verify", "plain", "orders")
    #expect(plain.status == 1)
    #expect(plain.output.hasPrefix("plain/chk-1: cannot verify: it holds no RocksDB directory\n"))
    #expect(try sample.run("verify", "--all").status == 2)
    #expect(try sample.run("verify", "orders/chk-9").status == 3)
    #expect(try sample.run("verify", "nothing").status == 3)
  }

  @Test(
    "verify takes a disk that does not answer for damage of the file, and nothing that it lacks itself"
  )
  func verifyTroubles() throws {
    let sample = try Sample()
    func verify(_ file: FailingFile, _ checkpoint: String) throws -> Outcome {
      try Program.run(["verify", checkpoint], store: sample.store, failing: file)
    }
    let (table, current) = (try blob(of: sample), try blob(of: sample, "CURRENT"))
    for file in [table, current] {
      let failing = try FailingFile(file, .read, .ioError, scratch: sample.path)
      let broken = try verify(failing, "orders/chk-1")
      #expect(broken.status == 2 && broken.errors.isEmpty, "\(broken)")
      #expect(broken.output.contains(file == current ? "/CURRENT: damaged: " : ".sst: damaged: "))
      #expect(broken.output.contains("Input/output error"))
    }
    let lacking = try verify(
      FailingFile(table, .openToRead, .tooManyOpenFiles, scratch: sample.path), "orders/chk-1")
    #expect(lacking.status == 1 && lacking.errors.isEmpty, "\(lacking)")
    #expect(lacking.output.hasPrefix("orders/chk-1: cannot verify: "))
    #expect(lacking.output.contains("Too many open files"))
  }

  @Test(
    "what verify found before it cannot go on is told all the same, and damage decides the status")
  func verifyEndsEarly() throws {
    let sample = try Sample()
    #expect(try script(sample, rot).status == 0)
    let manifest = try blob(of: sample, "MANIFEST-*", in: "cp-2")
    let failing = try FailingFile(
      manifest, .openToRead, .tooManyOpenFiles, scratch: sample.path)
    let outcome = try Program.run(["verify", "orders"], store: sample.store, failing: failing)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(outcome.output.hasPrefix("orders/chk-1/") && outcome.output.contains(": damaged: "))
    #expect(outcome.errors.contains("Too many open files"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test("watch --scrub alone reads the store, and says in one line which checkpoints rot hurts")
  func scrub() throws {
    let sample = try Sample()
    let outcome = try script(
      sample,
      """
      "$CKPTFS" watch --scrub 1000000%/hour >out 2>err & watch=$!
      """ + "\n" + rot + """
        timeout 60 bash -c 'until grep -q . out; do sleep 0.02; done'
        kill -TERM $watch; wait $watch; echo $?
        cat out err
        "$CKPTFS" fsck >/dev/null && exit 1 || echo $?
        """)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 3 && lines.first == "0" && lines.last == "2", "\(outcome)")
    #expect(
      lines[1].hasPrefix("corrupt-blob: blobs/")
        && lines[1].hasSuffix("; needed by orders/chk-1, orders/chk-2"), "\(outcome)")
  }

  @Test("watch --scrub whose standard output is full says so once, and goes on")
  func scrubUnheard() throws {
    let sample = try Sample()
    let outcome = try script(
      sample,
      rot + """
        "$CKPTFS" watch --scrub 1000000%/hour >/dev/full 2>err & watch=$!
        timeout 60 bash -c 'until grep -q . err; do sleep 0.02; done'
        kill -TERM $watch; wait $watch; echo $?
        cat err
        """)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.first == "0", "\(outcome)")
    #expect(lines[1].hasSuffix("(the watch goes on)"), "\(outcome)")
  }

  @Test("a watch over a database scrubs, too, and a signal ends both")
  func scrubBeside() throws {
    let sample = try Sample()
    let outcome = try script(
      sample,
      rot + """
        env --default-signal=INT "$CKPTFS" watch --db db --history orders --every 1h --scrub 1000000%/hour --json >out 2>err & watch=$!
        timeout 60 bash -c 'until grep -q damaged out && grep -q newFiles out; do sleep 0.02; done'
        kill -INT $watch; wait $watch; echo $?
        cat err; grep -c '"checkpoints":."orders.*chk-1","orders.*chk-2"' out
        """)
    #expect(outcome.output == "0\n1\n", "\(outcome)")
  }

  @Test(
    "options without what they belong to are wrong calls",
    arguments: [
      ["fsck", "--source", "."], ["fsck", "--restart"], ["fsck", "--jobs", "2"],
      ["fsck", "--read-data", "--jobs", "0"], ["verify"], ["verify", "--all", "orders"],
      ["watch"], ["watch", "--scrub", "1%"], ["watch", "--scrub", "1%/day", "--every", "1h"],
      ["watch", "--db", "db"], ["watch", "--db", "db", "--history", "orders"],
      ["watch", "--scrub", "1%/day", "--keep-last", "3"],
    ])
  func wrongCalls(_ arguments: [String]) throws {
    let sample = try Sample(committing: false)
    let outcome = try Program.run(arguments, store: sample.store, in: sample.path)
    #expect(outcome.status == 64 && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
  }
}
