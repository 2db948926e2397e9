// SPDX-License-Identifier: Apache-2.0
import Fuse
import Glibc
import SystemPackage

/// Serves a ``TestTree`` until it is unmounted, and obeys commands on standard input.
///
/// Usage: `FuseTestDaemon MOUNTPOINT BIGFILE xattr|plain splice|copy|passthrough [OPTION]…`. It answers in lines
/// on standard output; it ends when standard input does, so that no mount outlives its test.
enum Daemon {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5, let transfer = TestTree.Transfer(rawValue: arguments[4]) else {
      fail("usage: MOUNTPOINT BIGFILE xattr|plain splice|copy|passthrough")
    }
    do {
      let tree = try TestTree(
        bigFile: FilePath(arguments[2]), offersExtendedAttributes: arguments[3] == "xattr",
        transfer: transfer)
      try serve(tree, at: FilePath(arguments[1]), options: Array(arguments.dropFirst(5)))
    } catch {
      fail("\(error)")
    }
  }

  private static func serve(_ tree: TestTree, at path: FilePath, options: [String]) throws {
    var session = try Session(fileSystem: tree, mountOptions: options) { level, message in
      say("log \(level) \(message)")
    }
    let notifier = session.notifier
    try session.mount(at: path)
    Task.detached { obey(tree, notifier) }
    let end = try session.run(threads: 4) { say("ready") }
    // After the end, when there is nothing to notify.
    try notifier.invalidateNode(.root)
    say("ended \(end)")
  }

  private static func obey(_ tree: TestTree, _ notifier: Notifier) {
    while let line = readLine() {
      do {
        let words = line.split(separator: " ").map(String.init)
        switch words.first {
        case "set":
          let name = Array(words[1].utf8)
          tree.setLive(name, present: words[2] == "present")
          try notifier.invalidateEntry(parent: TestTree.liveDirectory, name: name)
          try notifier.invalidateNode(TestTree.liveDirectory)
          // Not in the kernel's memory: no error.
          try notifier.invalidateEntry(parent: .root, name: Array("never-seen".utf8))
          say("done")
        case "count":
          tree.setLinkCount(UInt32(words[1]) ?? 0)
          try notifier.expireNames()
          say("done")
        case "storm":
          Task.detached { storm(notifier) }
          say("storming")
        case "counts":
          say("counts \(tree.openHandles) \(tree.reads) \(tree.lookups)")
        case "raise":
          // On this thread, which is not the one that waits in the session.
          var signals = sigset_t()
          unsafe sigemptyset(&signals)
          unsafe sigaddset(&signals, SIGTERM)
          unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
          raise(SIGTERM)
        default:
          say("unknown \(line)")
        }
      } catch {
        say("failed \(error)")
      }
    }
    kill(getpid(), SIGTERM)
  }

  /// Notifies until the process ends, also when the session has ended.
  private static func storm(_ notifier: Notifier) {
    do {
      while true {
        try notifier.invalidateEntry(
          parent: TestTree.manyDirectory, name: Array("file-00001".utf8))
        try notifier.invalidateNode(TestTree.manyDirectory)
      }
    } catch {
      say("failed \(error)")
    }
  }

  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    unsafe bytes.withUnsafeBytes { _ = unsafe write(1, $0.baseAddress, $0.count) }
  }

  private static func fail(_ message: String) -> Never {
    say("error \(message)")
    exit(1)
  }
}
