// SPDX-License-Identifier: Apache-2.0

/// What a hook in the job's master stored.
package struct MasterState: Hashable, Sendable {
  package let name: String
  package let version: Int32
  package let content: MetadataRange
}
