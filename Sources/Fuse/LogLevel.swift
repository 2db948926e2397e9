// SPDX-License-Identifier: Apache-2.0

/// How much a message of libfuse matters, by the levels of syslog.
package enum LogLevel: UInt32, Hashable, Sendable {
  case emergency, alert, critical, error, warning, notice, information, debug
}
