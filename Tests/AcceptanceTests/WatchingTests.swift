// SPDX-License-Identifier: Apache-2.0

import Foundation
import LinuxFiles
import SystemPackage
import TestSupport
import Testing

/// What a mount tells of itself to whoever watches it.
@Suite(
  .serialized, .enabled(if: FuseDevice.isUsable, "no file system can be mounted here"),
  .timeLimit(.minutes(60)))
struct WatchingTests {
  private struct Status: Decodable {
    struct Options: Decodable {
      let allowOther: Bool
      let logLevel: String
      let passthrough: String
      let uid: Int?
      let umask: String
    }

    struct Passthrough: Decodable {
      let active: Bool
      let reason: String?
    }

    struct Newest: Decodable {
      let checkpoint: String
      let completedAt: String
    }

    struct Faults: Decodable {
      let damaged: Int
      let unavailable: Int
    }

    struct Failure: Decodable {
      let at: String
      let message: String
    }

    let pid: Int32
    let mountPoint: String
    let options: Options
    let passthrough: Passthrough
    let changes: String
    let openFiles: Int
    let faults: Faults
    let lastError: Failure?
    let newestCheckpoint: Newest
    let checkpoints: Int
    let blobs: Int
    let blobBytes: Int
    let logicalBytes: Int
  }

  private let bench: Workbench

  init() throws {
    bench = try Workbench()
    try bench.shell(
      """
      mkdir $AT/cp; cd $AT/cp; echo MANIFEST-000005 > CURRENT; echo 1 > MANIFEST-000005
      head -c 1000000 /dev/urandom > 000010.sst; head -c 10000 /dev/urandom > 000011.sst
      """)
    for number in 1...3 {
      try bench.shell("echo \(number) > $AT/cp/MANIFEST-000005")
      try bench.commit("cp", to: "orders", "--unchecked", "--number", "\(number)")
    }
  }

  private func status(_ mount: Mount) throws -> Status {
    try JSONDecoder().decode(
      Status.self, from: Data(mount.shell("cat $MNT/.ckptfs/status.json").utf8))
  }

  /// Whether `metric` grows by at least `count` when `action` is done: requests are counted after they are answered.
  private func grows(
    _ metric: String, by count: Double = 1, _ mount: Mount, _ action: String
  ) throws -> Bool {
    let before = try Metrics(mount)[metric]
    try mount.shell(action)
    return try time { try Metrics(mount)[metric] >= before + count } != nil
  }

  @Test("A name that is absent, an open and a read are counted as what they are")
  func counting() throws {
    try bench.withMount { mount in
      #expect(
        try grows(
          "ckptfs_requests_total{operation=\"lookup\",outcome=\"not_found\"}", mount,
          "! ls $MNT/orders/chk-99 2>/dev/null"))
      #expect(
        try grows("ckptfs_opens_total{mode=\"cached\"}", mount, "cat $MNT/orders/chk-1/CURRENT"))
      let before = try Metrics(mount)
      try mount.shell("cmp $MNT/orders/chk-1/000011.sst $AT/cp/000011.sst")
      let after = try Metrics(mount)
      let served = "ckptfs_read_bytes_total"
      #expect(after[served] - before[served] >= 10_000)
      #expect(after[served] - before[served] < 200_000, "and what reading the metrics takes")
      let count = "ckptfs_request_duration_seconds_count{operation=\"lookup\"}"
      let sum = "ckptfs_request_duration_seconds_sum{operation=\"lookup\"}"
      #expect(after[count] > 0 && after[sum] > 0 && after[sum] < 60)
      #expect(
        after["ckptfs_request_duration_seconds_bucket{operation=\"lookup\",le=\"+Inf\"}"]
          == after[count])
    }
  }

  @Test(
    "Files that the kernel reads by itself are counted apart, and their bytes are not served",
    .enabled(if: Mount.allowsPassthrough, "no CAP_SYS_ADMIN, or a kernel before Linux 6.9"))
  func passthrough() throws {
    try bench.withMount { mount in
      #expect(try status(mount).passthrough.active)
      let before = try Metrics(mount)
      #expect(
        try grows(
          "ckptfs_opens_total{mode=\"passthrough\"}", mount,
          "cmp $MNT/orders/chk-1/000010.sst $AT/cp/000010.sst"))
      let after = try Metrics(mount)
      #expect(after["ckptfs_passthrough_active"] == 1)
      #expect(after["ckptfs_read_bytes_total"] - before["ckptfs_read_bytes_total"] < 500_000)
    }
  }

  @Test("What a store holds is told as the command tells it, also after checkpoints came and went")
  func sizes() throws {
    try bench.withMount { mount in
      func agrees() throws -> Bool {
        let expected = try bench.statistics()
        let metrics = try Metrics(mount)
        return metrics["ckptfs_store_checkpoints"] == Double(expected.checkpoints)
          && metrics["ckptfs_store_blobs"] == Double(expected.blobs)
          && metrics["ckptfs_store_blob_bytes"] == Double(expected.blobBytes)
          && metrics["ckptfs_store_logical_bytes"] == Double(expected.logicalBytes)
          && metrics["ckptfs_store_unreferenced_bytes"] == Double(expected.unreferencedBytes)
          && metrics["ckptfs_store_never_read_bytes"] == Double(expected.neverReadBytes)
          && metrics["ckptfs_store_not_recently_read_bytes"]
            == Double(expected.notRecentlyReadBytes)
      }
      #expect(try agrees() && bench.statistics().neverReadBytes > 0)
      #expect(try Metrics(mount)["ckptfs_store_checkpoints"] == 3)
      try bench.ckptfs("drop", "orders/chk-1")
      try bench.commit("cp", to: "users", "--unchecked")
      #expect(try time(until: agrees) != nil)
      for history in ["orders", "users"] {
        let metric = "ckptfs_newest_checkpoint_timestamp_seconds{history=\"\(history)\"}"
        let completed = try mount.shell("stat -c %.Y $MNT/\(history)/latest")
        #expect(abs(try Metrics(mount)[metric] - Double(completed)!) < 0.01)
      }
      #expect(try Metrics(mount)["ckptfs_histories_without_series"] == 0)
      try bench.ckptfs("fsck", "--read-data")
      #expect(try bench.statistics().neverReadBytes == 0)
      #expect(try time(until: agrees) != nil)
      let read = try Metrics(mount)["ckptfs_store_oldest_reading_timestamp_seconds"]
      #expect(abs(read - Date().timeIntervalSince1970) < 600)
    }
  }

  @Test("A dropped checkpoint is told to the kernel, and that is counted")
  func invalidations() throws {
    try bench.withMount { mount in
      let isTold = try status(mount).changes == "notified"
      #expect(try Metrics(mount)["ckptfs_changes_followed"] == (isTold ? 1 : 0))
      guard isTold else { return }
      for kind in ["node", "all_names"] {
        let metric = "ckptfs_invalidations_total{kind=\"\(kind)\"}"
        let number = kind == "node" ? 1 : 2
        #expect(try grows(metric, mount, "ckptfs drop orders/chk-\(number) >/dev/null"))
      }
    }
  }

  @Test("A damaged blob is counted each time it is asked for, and the last error is in the status")
  func faults() throws {
    try bench.withMount { mount in
      #expect(try status(mount).lastError == nil)
      try bench.shell(
        "rm $(find $STORE/blobs -name $(sha256sum < $AT/cp/000011.sst | cut -c1-64)'-*')")
      #expect(
        try grows(
          "ckptfs_faults_total{kind=\"damaged\"}", by: 2, mount,
          "for i in 1 2; do ! cat $MNT/orders/chk-1/000011.sst 2>/dev/null; done"))
      // A request is counted once it is answered.
      #expect(
        try eventually {
          try Metrics(mount)["ckptfs_requests_total{operation=\"open\",outcome=\"error\"}"] >= 2
        })
      let status = try status(mount)
      #expect(status.faults.damaged >= 2 && status.faults.unavailable == 0)
      let error = try #require(status.lastError)
      #expect(error.message.contains("needed by orders/chk-1 to chk-3"))
      #expect(
        abs(Int(try mount.shell("date -d \(error.at) +%s"))! - Int(Date().timeIntervalSince1970))
          < 60)
    }
  }

  @Test("The status tells place, options, passthrough and why not, sizes and the newest checkpoint")
  func statusFile() throws {
    try bench.withMount(options: "passthrough=off,uid=7,umask=7,log_level=debug") { mount in
      let status = try status(mount)
      #expect(status.mountPoint == mount.point.string)
      #expect(status.options.logLevel == "debug" && status.options.passthrough == "off")
      #expect(
        status.options.uid == 7 && status.options.umask == "007" && !status.options.allowOther)
      #expect(!status.passthrough.active)
      #expect(status.passthrough.reason?.contains("passthrough=off") == true)
      #expect(status.newestCheckpoint.checkpoint == "orders/chk-3")
      let expected = try bench.statistics()
      #expect(status.checkpoints == expected.checkpoints && status.blobs == expected.blobs)
      #expect(
        status.blobBytes == expected.blobBytes && status.logicalBytes == expected.logicalBytes)
    }
  }

  @Test(
    "promtool finds nothing wrong with the metrics",
    .enabled(if: Tool.exists("promtool"), "there is no promtool; Debian has it in prometheus"))
  func promtool() throws {
    try bench.withMount { mount in
      try mount.shell("ls -lR $MNT >/dev/null; cat $MNT/orders/*/*.sst >/dev/null")
      #expect(try mount.shell("promtool check metrics < $MNT/.ckptfs/metrics 2>&1").isEmpty)
    }
  }

  @Test("The metrics are read whole, as large as they are said to be, and tell of the process")
  func wholeness() throws {
    try bench.withMount { mount in
      #expect(
        try mount.shell("exec 3< $MNT/.ckptfs/metrics; stat -L -c %s /dev/fd/3; wc -c <&3")
          .split(separator: "\n").map(String.init).reduce(into: Set()) { $0.insert($1) }.count == 1)
      let metrics = try Metrics(mount)
      let pid = try status(mount).pid
      let resident = Double(
        try mount.shell("sed -n 's/VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/\(pid)/status"))!
      #expect(abs(metrics["process_resident_memory_bytes"] / 1024 / resident - 1) < 0.5)
      #expect(metrics["process_open_fds"] >= 4)
      #expect(metrics["ckptfs_store_up"] == 1)
      #expect(metrics.names.contains { $0.hasPrefix("ckptfs_build_info{version=\"") })
    }
  }

  @Test("SIGUSR1 has a mount say what it did in one line, and changes nothing")
  func signal() throws {
    let mount = try WatchedMount(bench)
    try bench.shell("cat \(mount("orders/chk-1/CURRENT")); ! ls \(mount("nothing")) 2>/dev/null")
    for count in 1...2 {
      mount.send(SIGUSR1)
      #expect(try time { try summaries(mount).count == count } != nil)
    }
    let line = try #require(try summaries(mount).first)
    for part in [
      "lookup ", "of which 1 found nothing", "0 failed", "no faults", "1 histories",
      "3 checkpoints", "the newest is orders/chk-3 of ",
    ] {
      #expect(line.contains(part), "\(line)")
    }
    try bench.shell("ls \(mount("orders")) >/dev/null")
  }

  private func summaries(_ mount: WatchedMount) throws -> [String] {
    try mount.log().filter { $0.contains(" notice statistics: ") }
  }

  @Test(
    "Where standard error leads to the journal, messages come there with their fields",
    .enabled(if: User.canChange, "only root can put a socket in the journal's place"))
  func journal() throws {
    try bench.shell("mkdir $AT/journal $AT/mnt")
    let receiver = try JournalReceiver(at: bench("journal").appending("socket"))
    // Where nobody else sees it, the socket takes the place of the journal's.
    try bench.shell(
      """
      cat > $AT/script <<'EOF'
      mount -t tmpfs none /run; mkdir -p /run/systemd/journal; mount --bind $AT/journal /run/systemd/journal
      exec 2> $AT/errors; export JOURNAL_STREAM=$(stat -L -c %d:%i /dev/fd/2)
      ckptfs mount -f $STORE $AT/mnt >/dev/null & until grep -q " $AT/mnt " /proc/mounts; do kill -0 $!; done
      rm $(find $STORE/blobs -name $(sha256sum < $AT/cp/000011.sst | cut -c1-64)'-*')
      ! cat $AT/mnt/orders/chk-1/000011.sst 2>/dev/null
      kill $!; wait $!
      EOF
      unshare -m bash -eu $AT/script
      """)
    let entries = receiver.entries()
    #expect(try bench.shell("cat $AT/errors").isEmpty)
    let fault = try #require(entries.first { $0.contains("PRIORITY=3") })
    #expect(fault.first?.hasPrefix("MESSAGE=blob ") == true)
    for field in [
      "SYSLOG_IDENTIFIER=ckptfs", "CKPTFS_STORE=\(bench.store)", "CKPTFS_MOUNT=\(bench("mnt"))",
      "CKPTFS_CHECKPOINT=orders/chk-1", "CKPTFS_CHECKPOINT=orders/chk-3",
    ] {
      #expect(fault.contains(field), "\(fault)")
    }
    #expect(fault.contains { $0.hasPrefix("CKPTFS_BLOB=") })
    #expect(entries.contains { $0.first?.hasPrefix("MESSAGE=unmounted ") == true })
  }

  /// Mounts the store twice in the background, at `$AT/a` and, by a link to it, `$AT/b`, and reads a blob through both that is lost.
  ///
  /// - Parameter log: where the system's log listens meanwhile: nobody else sees it there.
  private func messagesInBackground(to log: String) throws -> [[String]] {
    try bench.shell("mkdir $AT/log $AT/dev $AT/a $AT/b")
    let receiver = try JournalReceiver(at: bench("log").appending("socket"))
    try bench.shell(
      """
      cat > $AT/script <<'EOF'
      mount -t tmpfs none /run; mount -t tmpfs none $AT/dev
      for device in fuse null urandom; do : > $AT/dev/$device; mount --bind /dev/$device $AT/dev/$device; done
      mount --rbind $AT/dev /dev; mkdir -p $(dirname \(log)); ln -s $AT/log/socket \(log)
      ln -s b $AT/link; for point in a link; do ckptfs mount $STORE $AT/$point >/dev/null; done
      rm $(find $STORE/blobs -name $(sha256sum < $AT/cp/000011.sst | cut -c1-64)'-*')
      for point in a b; do ! cat $AT/$point/orders/chk-1/000011.sst 2>/dev/null; done
      for point in a b; do ckptfs umount $AT/$point >/dev/null; done
      EOF
      unshare -m bash -eu $AT/script
      """)
    return receiver.entries()
  }

  @Test(
    "In the background, messages come to systemd's journal with their fields",
    .enabled(if: User.canChange, "only root can put a socket in the journal's place"))
  func journalInBackground() throws {
    let entries = try messagesInBackground(to: "/run/systemd/journal/socket")
    for point in ["a", "b"].map({ bench($0) }) {
      let fault = try #require(
        entries.first { $0.contains("PRIORITY=3") && $0.contains("CKPTFS_MOUNT=\(point)") })
      #expect(fault.first?.hasPrefix("MESSAGE=blob ") == true)
      // As a listing of the journal shows it.
      #expect(fault.first?.contains(" mount=\(point)") == true, "\(fault)")
      for field in [
        "SYSLOG_IDENTIFIER=ckptfs", "SYSLOG_FACILITY=3", "CKPTFS_STORE=\(bench.store)",
        "CKPTFS_CHECKPOINT=orders/chk-1", "CKPTFS_CHECKPOINT=orders/chk-3",
      ] {
        #expect(fault.contains(field), "\(fault)")
      }
    }
  }

  @Test(
    "Where there is no journal, each line of syslog says of which mount it is",
    .enabled(if: User.canChange, "only root can put a socket in syslog's place"))
  func syslog() throws {
    let lines = try messagesInBackground(to: "/dev/log").flatMap(\.self)
    for point in ["a", "b"].map({ bench($0) }) {
      let own = lines.filter { $0.contains(" mount=\(point)") }
      for (priority, start) in [("<30>", "mounted "), ("<27>", "blob "), ("<30>", "unmounted ")] {
        #expect(
          own.contains { $0.hasPrefix(priority) && $0.contains("]: \(start)") }, "\(start): \(own)")
      }
    }
    #expect(lines.allSatisfy { $0.contains(" ckptfs[") && $0.contains(" mount=/") }, "\(lines)")
  }
}
