// SPDX-License-Identifier: Apache-2.0

/// `status.json`: what is mounted, by whom, since when.
struct StatusReport: Encodable {
  let version: String
  let source: String
  let processID: Int32
  let mountedSince: String
  let histories: Int

  private enum CodingKeys: String, CodingKey {
    case version
    case source
    case processID = "pid"
    case mountedSince
    case histories
  }
}
