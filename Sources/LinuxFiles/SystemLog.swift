// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The system's log: syslog, or the journal that stands in for it.
public enum SystemLog {
  public enum Priority: Sendable {
    case error
    case warning
    case notice
    case information
    case debug

    /// As in syslog(3): 0 is the most urgent.
    public var number: Int32 {
      switch self {
      case .error: LOG_ERR
      case .warning: LOG_WARNING
      case .notice: LOG_NOTICE
      case .information: LOG_INFO
      case .debug: LOG_DEBUG
      }
    }
  }

  /// That of daemons, numbered as in syslog's messages.
  public static let facility: Int32 = LOG_DAEMON >> 3

  /// Names this program in what follows; once per process.
  public static func open(as name: StaticString) {
    // Unsafe as syslog keeps the pointer: a static string lives for ever.
    name.withUTF8Buffer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe linux_open_log($0.baseAddress) }
    }
  }

  /// Callable from any thread. Without a log daemon, the line is lost.
  public static func write(_ priority: Priority, _ line: String) {
    // Unsafe only as a C call: the line lives for its duration.
    unsafe linux_log(priority.number, line)
  }
}
