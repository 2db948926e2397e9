// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite(
  "Thousands of open files", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: Program.canMount, "/dev/fuse cannot be opened: nothing can be mounted here"),
  .enabled(if: Program.exists("prlimit"), "there is no prlimit to lower a limit with"))
struct ManyOpenFilesTests {
  private static let limit = 400

  /// Mounts in a process whose soft limit of open files is less than its hard one, and says how many files $1 and on
  /// a reader could open, with what error, and what else works then and afterwards.
  private func atTheLimit(_ files: String, _ options: String = "") throws -> Outcome {
    let sample = try Sample()
    let script = """
      prlimit --nofile=100:\(Self.limit) "$CKPTFS" mount -f store mnt \(options) > ready 2> log & daemon=$!
      until test -s ready; do kill -0 $daemon || exit 1; done
      grep 'Max open files' /proc/$daemon/limits | tr -s ' ' | cut -d ' ' -f 4,5
      held=0
      while test $held -lt 2000 && exec {fd}< mnt/orders/\(files); do held=$((held + 1)); done 2> errors
      echo "held $held"; grep -o 'Too many.*' errors
      ls mnt/orders > /dev/null && cat mnt/.ckptfs/status.json > /dev/null && echo others work
      "$CKPTFS" commit cp-1 --history more --store store > /dev/null
      for i in $(seq 200); do test -e mnt/more/chk-1 && break; sleep 0.02; done; ls mnt/more/chk-1 > /dev/null && echo follows
      for ((n = 10; n < 10 + held; n++)); do eval "exec $n<&-"; done
      until cat mnt/orders/\(files) > /dev/null; do sleep 0.02; done; echo again
      kill $daemon; wait $daemon; grep -c 'error\\|warning' log; grep -o 'readers have .* files open' log
      """
    try Data(script.utf8).write(to: URL(filePath: sample.path.appending("script").string))
    defer { _ = try? Program.shell("umount -l mnt", in: sample.path) }
    return try Program.shell("ulimit -n 4096; timeout -s KILL 100 bash script", in: sample.path)
  }

  @Test(
    "the process raises its limit, and at the end of it opening fails in words while all else works",
    arguments: [("chk-1/CURRENT", ""), ("chk-2/CURRENT", "-o passthrough=off")])
  func end(_ file: String, _ options: String) throws {
    let outcome = try atTheLimit(file, options)
    let room = Self.limit - 128
    #expect(
      outcome.output == """
        \(Self.limit) \(Self.limit)
        held \(room)
        Too many open files in system
        others work
        follows
        again
        1
        readers have \(room) files open

        """, "\(outcome)")
  }
}
